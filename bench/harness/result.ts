import type { Line } from "./chart.js";

/** One contestant's results: numbers by name, with the unit last in the name. */
export interface Contestant {
  readonly name: string;
  readonly measures: Readonly<Record<string, number>>;
}

/** A comparison of two measures of the same run, with its target. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  readonly aim: number;
  /** Whether more is better. */
  readonly atLeast: boolean;
  /** Compared with a fixed figure instead of a contestant, so it reflects the machine as much as Carillon. */
  readonly ofMachine?: boolean;
  /** Over all runs, if there were several. */
  readonly lowest?: number;
  readonly highest?: number;
}

/** Results drawn as lines instead of bars. */
export interface Lines {
  readonly xUnit: string;
  readonly yUnit: string;
  readonly logX?: boolean;
  readonly of: readonly Line[];
}

export interface BenchmarkResult {
  readonly name: string;
  /** The work, in a sentence. */
  readonly work: string;
  readonly date: string;
  readonly machine: string;
  readonly scale: number;
  /** Number of runs whose medians these are; default: one. */
  readonly runs?: number;
  readonly contestants: readonly Contestant[];
  readonly ratios: readonly Ratio[];
  /** For benchmarks that follow a value over time instead of comparing contestants. */
  readonly lines?: Lines;
  /** Facts that a reader needs to judge the numbers. */
  readonly notes: readonly string[];
}

export type ServerName = "KAFKA" | "REDIS" | "MONGO" | "REGISTRY";

export interface BenchmarkContext {
  /** 1: the full work; less for a quick run. */
  readonly scale: number;
  readonly address: (server: ServerName) => string;
  /** Reports progress. */
  readonly progress: (text: string) => void;
}

export interface Benchmark {
  readonly name: string;
  readonly work: string;
  readonly servers: readonly ServerName[];
  run(context: BenchmarkContext): Promise<Pick<BenchmarkResult, "contestants" | "ratios" | "lines" | "notes">>;
}

export const meetsAim = ({ value, aim, atLeast }: Ratio): boolean => (atLeast ? value >= aim : value <= aim);

/** The value below which this fraction of the values lies. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};

export const atScale = (count: number, scale: number): number => Math.max(1, Math.round(count * scale));
