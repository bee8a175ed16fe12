import type { Lane } from "../../schemas/generated.js";
import { lanes } from "../../schemas/vocabulary.js";
import type { Costs } from "./costs.js";
import { laneShares, peakFactor } from "./demand.js";

/** What is taken for granted, not measured here: change it to what your servers do. */
export interface Assumptions {
  /** A thread is this busy in the busiest hour, at most. */
  readonly utilisation: number;
  /** Commands a second of one Redis process. */
  readonly redisCommandsPerSecond: number;
  readonly redisBytesPerNode: number;
  /** Writes a second of one MongoDB shard. */
  readonly mongoWritesPerSecond: number;
  readonly mongoBytesPerShard: number;
  readonly brokerBytesPerSecond: number;
  readonly logCopies: number;
  /** What a partition carries without trouble, in messages a second. */
  readonly perPartition: number;
  /** How long claims are kept, lineage is kept, and records are kept, in days. */
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
  /** Of each of its topics. */
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

/** Bulk can wait: it is planned for the mean of the day, everything else for the busiest hour. */
const planned = (lane: Lane): number => (lane === "bulk" ? 1.25 : peakFactor);
/** A message's document is written once for what happens before it is sent, and once after. */
const writesOfDocument = 2;
/** So that one worker more or less does not leave another with twice the partitions. */
const partitionsPerWorker = 3;
/** One may die. */
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
  // what is written, in all copies, and read once
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
