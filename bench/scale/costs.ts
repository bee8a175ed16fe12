import { readFileSync } from "node:fs";
import type { BenchmarkResult } from "../harness/result.js";

/** The cost of a message, from the stored benchmark results. */
export interface Costs {
  /** Rate of one process on one core, for intake and dispatch. */
  readonly messagesPerSecond: number;
  /** CPU time of the process that writes lineage, without the server. */
  readonly lineageCpuMicroseconds: number;
  readonly redisBytes: number;
  readonly redisCommands: number;
  readonly documentBytes: number;
  /** Bytes in all its topics together, one copy. */
  readonly logBytes: number;
}

const read = (name: string): BenchmarkResult =>
  JSON.parse(readFileSync(new URL(`../results/${name}.json`, import.meta.url), "utf8")) as BenchmarkResult;

const measure = (result: BenchmarkResult, contestant: string, name: string): number => {
  const value = result.contestants.find((one) => one.name === contestant)?.measures[name];
  if (value === undefined)
    throw new Error(`the saved result of ${result.name} has no ${name} of ${contestant}: npm run bench -- ${result.name} --save`);
  return value;
};

export const readCosts = (): Costs => {
  const [soak, lineage] = [read("soak"), read("lineage")];
  const servers = "what the servers keep and do";
  return {
    messagesPerSecond: measure(soak, "Carillon, cluster, at the end", "messagesPerSecond"),
    lineageCpuMicroseconds: measure(lineage, "Carillon's lineage store", "cpuMicroseconds"),
    documentBytes: measure(lineage, "Carillon's lineage store", "documentBytes"),
    redisBytes: measure(soak, servers, "redisBytes"),
    redisCommands: measure(soak, servers, "redisCommands"),
    logBytes: measure(soak, servers, "logBytes"),
  };
};
