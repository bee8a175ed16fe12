import { setTimeout as sleep } from "node:timers/promises";
import type { RunningServer } from "../servers/server.js";
import type { Cluster } from "./cluster.js";
import type { Worker } from "./fleet.js";
import type { Link } from "./network.js";

/** Everything that a scenario can strike. */
export interface Stage extends Pick<Cluster, "brokers" | "redis" | "mongo" | "registry"> {
  readonly workers: readonly [Worker, Worker];
  /** The first worker's link. */
  readonly link: Link;
}

export interface Scenario {
  readonly name: string;
  /** The scenario in a few words. */
  readonly what: string;
  /** Redis persists nothing and loses its data, which no mode promises to survive. */
  readonly forgetful?: boolean;
  strike(stage: Stage): Promise<void>;
}

/** Longer than a consumer may be silent (10 s here), so its partitions move. */
const longMs = 18_000;
const shortMs = 6_000;

const killed = (which: (stage: Stage) => RunningServer) => async (stage: Stage) => {
  await which(stage).signal("SIGKILL");
  await sleep(shortMs);
  await which(stage).revive();
};

const stopped =
  (which: (stage: Stage) => RunningServer, forMs = longMs) =>
  async (stage: Stage) => {
    await which(stage).signal("SIGSTOP");
    await sleep(forMs);
    await which(stage).signal("SIGCONT");
  };

const brokerOf = ({ brokers }: Stage): RunningServer => {
  const [first] = brokers;
  if (!first) throw new Error("no broker");
  return first;
};

export const scenarios: readonly Scenario[] = [
  { name: "calm", what: "none", strike: () => sleep(shortMs) },
  {
    name: "worker-killed",
    what: "kill -9 of a worker, three times",
    strike: async ({ workers: [first, second] }) => {
      for (const worker of [first, second, first]) {
        worker.signal("SIGKILL");
        await sleep(shortMs);
      }
    },
  },
  {
    name: "worker-stopped",
    what: "SIGSTOP of a worker until its partitions have moved, then SIGCONT",
    strike: async ({ workers: [first] }) => {
      first.signal("SIGSTOP");
      await sleep(longMs);
      first.signal("SIGCONT");
    },
  },
  {
    name: "worker-cut",
    what: "a worker's network cut until its partitions have moved, then healed",
    strike: async ({ link }) => {
      await link.cut();
      await sleep(longMs);
      await link.heal();
    },
  },
  { name: "broker-killed", what: "kill -9 of one broker of three", strike: killed(brokerOf) },
  { name: "broker-stopped", what: "SIGSTOP of one broker of three", strike: stopped(brokerOf) },
  { name: "redis-killed", what: "kill -9 of Redis with its append-only file", strike: killed(({ redis }) => redis) },
  { name: "redis-stopped", what: "SIGSTOP of Redis", strike: stopped(({ redis }) => redis) },
  {
    name: "redis-forgets",
    what: "kill -9 of Redis without an append-only file",
    forgetful: true,
    strike: killed(({ redis }) => redis),
  },
  { name: "mongo-killed", what: "kill -9 of MongoDB", strike: killed(({ mongo }) => mongo) },
  { name: "mongo-stopped", what: "SIGSTOP of MongoDB", strike: stopped(({ mongo }) => mongo) },
  {
    name: "registry-killed",
    what: "kill -9 of the schema registry, and of a worker while it is away",
    strike: async ({ registry, workers: [first] }) => {
      await registry.signal("SIGKILL");
      await sleep(1_000);
      first.signal("SIGKILL");
      await sleep(shortMs);
      await registry.revive();
    },
  },
];
