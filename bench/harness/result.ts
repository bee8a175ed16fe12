import type { Line } from "./chart.js";

/** What one contestant did: numbers by name, the unit last in the name. */
export interface Contestant {
  readonly name: string;
  readonly measures: Readonly<Record<string, number>>;
}

/** How two measures of the same run compare, and what was aimed at. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  readonly aim: number;
  /** Whether more is better. */
  readonly atLeast: boolean;
  /** Compared with a figure, not with a contestant of the run: it says as much of the machine as of Carillon. */
  readonly ofMachine?: boolean;
  /** Over all runs, where there were several. */
  readonly lowest?: number;
  readonly highest?: number;
}

/** What is drawn as lines instead of bars. */
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
  /** How many, the medians of which are told; one unless given. */
  readonly runs?: number;
  readonly contestants: readonly Contestant[];
  readonly ratios: readonly Ratio[];
  /** Where something is followed rather than compared. */
  readonly lines?: Lines;
  /** What a reader must know to judge the numbers. */
  readonly notes: readonly string[];
}

export type ServerName = "KAFKA" | "REDIS" | "MONGO" | "REGISTRY";

export interface BenchmarkContext {
  /** 1: the full work; less for a quick look. */
  readonly scale: number;
  readonly address: (server: ServerName) => string;
  /** Says what is going on. */
  readonly progress: (text: string) => void;
}

export interface Benchmark {
  readonly name: string;
  readonly work: string;
  readonly servers: readonly ServerName[];
  run(context: BenchmarkContext): Promise<Pick<BenchmarkResult, "contestants" | "ratios" | "lines" | "notes">>;
}

export const meetsAim = ({ value, aim, atLeast }: Ratio): boolean => (atLeast ? value >= aim : value <= aim);

/** The value below which this share of the sorted values lies. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};

export const atScale = (count: number, scale: number): number => Math.max(1, Math.round(count * scale));
