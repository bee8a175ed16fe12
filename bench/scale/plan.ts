import type { Lane } from "../../schemas/generated.js";
import { lanes } from "../../schemas/vocabulary.js";
import type { Costs } from "./costs.js";
import { laneShares, peakFactor } from "./demand.js";

/** Assumptions that are not measured here: adjust them to your servers. */
export interface Assumptions {
  /** Maximum utilization of a thread in the busiest hour. */
  readonly utilisation: number;
  /** Commands per second of one Redis process. */
  readonly redisCommandsPerSecond: number;
  readonly redisBytesPerNode: number;
  /** Writes per second of one MongoDB shard. */
  readonly mongoWritesPerSecond: number;
  readonly mongoBytesPerShard: number;
  readonly brokerBytesPerSecond: number;
  readonly logCopies: number;
  /** Sustainable rate of a partition, in messages per second. */
  readonly perPartition: number;
  /** How long claims, lineage and records are kept, in days. */
  readonly keepDays: { readonly claims: number; readonly lineage: number; readonly log: number };
}

export const assumptions: Assumptions = {
  utilisation: 0.6,
  redisCommandsPerSecond: 100_000,
  redisBytesPerNode: 32 * 2 ** 30,
  mongoWritesPerSecond: 15_000,
  mongoBytesPerShard: 4 * 2 ** 40,
  brokerBytesPerSecond: 100 * 10 ** 6,
  logCopies: 3,
  perPartition: 1_000,
  keepDays: { claims: 3, lineage: 30, log: 7 },
};

export interface LanePlan {
  readonly lane: Lane;
  readonly peakPerSecond: number;
  /** Partitions of each of its topics. */
  readonly partitions: number;
  readonly workers: number;
}

export interface Plan {
  readonly messagesPerDay: number;
  readonly peakPerSecond: number;
  readonly lanes: readonly LanePlan[];
  readonly lineageWorkers: number;
  readonly redisNodesByCommands: number;
  readonly redisNodesByMemory: number;
  readonly redisBytes: number;
  readonly brokers: number;
  readonly logBytes: number;
  readonly mongoShardsByWrites: number;
  readonly mongoShardsBySize: number;
  readonly mongoBytes: number;
}

/** Bulk can wait, so it is planned for the mean of the day, and everything else for the busiest hour. */
const planned = (lane: Lane): number => (lane === "bulk" ? 1.25 : peakFactor);
/** A message's document is written once for the steps before it is sent, and once for those after. */
const writesOfDocument = 2;
/** Keeps the load even when the number of workers changes by one. */
const partitionsPerWorker = 3;
/** One worker may fail. */
const leastWorkers = 2;

export const planFor = (messagesPerDay: number, costs: Costs, given: Assumptions = assumptions): Plan => {
  const mean = messagesPerDay / 86_400;
  const peak = mean * peakFactor;
  const lanePlans = lanes.map((lane): LanePlan => {
    const laneMean = mean * laneShares[lane];
    const workers = Math.max(leastWorkers, Math.ceil((laneMean * planned(lane)) / (costs.messagesPerSecond * given.utilisation)));
    return {
      lane,
      peakPerSecond: laneMean * peakFactor,
      workers,
      partitions: Math.max(workers * partitionsPerWorker, Math.ceil((laneMean * peakFactor) / given.perPartition)),
    };
  });
  const redisBytes = messagesPerDay * given.keepDays.claims * costs.redisBytes;
  const logBytes = messagesPerDay * given.keepDays.log * costs.logBytes * given.logCopies;
  const mongoBytes = messagesPerDay * given.keepDays.lineage * costs.documentBytes;
  // bytes written in all copies, plus read once
  const brokerBytesPerSecond = peak * costs.logBytes * (given.logCopies + 1);
  return {
    messagesPerDay,
    peakPerSecond: peak,
    lanes: lanePlans,
    lineageWorkers: Math.max(leastWorkers, Math.ceil((peak * costs.lineageCpuMicroseconds) / 1_000_000 / given.utilisation)),
    redisNodesByCommands: Math.ceil((peak * costs.redisCommands) / given.redisCommandsPerSecond / given.utilisation),
    redisNodesByMemory: Math.ceil(redisBytes / given.redisBytesPerNode),
    redisBytes,
    brokers: Math.max(3, Math.ceil(brokerBytesPerSecond / given.brokerBytesPerSecond)),
    logBytes,
    mongoShardsByWrites: Math.ceil((peak * writesOfDocument) / given.mongoWritesPerSecond),
    mongoShardsBySize: Math.ceil(mongoBytes / given.mongoBytesPerShard),
    mongoBytes,
  };
};
