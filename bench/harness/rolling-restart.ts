import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { type CheckedMessage, checkMessage } from "../../client/check-message.js";
import type { Lane } from "../../schemas/generated.js";
import { assemble } from "../../service/assemble.js";
import { loadConfig } from "../../service/load-config.js";
import { openStores } from "../../service/open-stores.js";
import { type Accepter, createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import type { KafkaClientName } from "../../stores/event-log/event-log.js";
import type { MessageDocument } from "../../stores/lineage-store/lineage-store.js";
import { startWorker, type Worker } from "../../test/chaos/fleet.js";
import { cleanEnvironment } from "../../test/support/clean-environment.js";
import type { ServerName } from "./result.js";

export interface RollingRestartWork {
  readonly client: KafkaClientName;
  readonly perSecond: number;
  readonly seconds: number;
  /** Whether the workers are restarted while messages flow. */
  readonly restarts: boolean;
}

export interface Sent {
  readonly lane: Lane;
  /** Seconds since the first message. */
  readonly at: number;
  /** From acceptance until a provider accepted it, in milliseconds. */
  readonly waitedMs: number;
}

export interface RollingRestartRun {
  readonly sent: readonly Sent[];
  readonly accepted: number;
  readonly lost: number;
  readonly twice: number;
  readonly acceptedPerSecond: number;
  /** When each worker was stopped, in seconds since the first message, and how long it took to end. */
  readonly stops: readonly { readonly at: number; readonly tookMs: number }[];
}

const tenant = "rolling";
const tickMs = 100;
const settleMs = 180_000;
const warmUpSeconds = 5;
/** One in this many messages is critical. */
const criticalEvery = 5;

/** The queues of each kind of worker, as in the Helm chart: critical alone, everything else, and everything that follows dispatch. */
const kinds = [
  ["intake/requests.critical", "dispatch/dispatch.push.critical"],
  ["intake/requests.normal", "dispatch/dispatch.push.normal", "respond/receipts.push"],
  ["record/lineage"],
] as const;
const replicas = 2;

const configOf = (name: string, client: KafkaClientName, address: (server: ServerName) => string) => {
  const queue = { partitions: 4, consumers: 1 };
  return {
    profile: "cluster" as const,
    http: { port: 0 },
    topics: { prefix: name, replicationFactor: 1 },
    lanes: { critical: queue, high: queue, normal: queue, bulk: queue },
    receipts: queue,
    lineage: queue,
    channels: { push: { receiptDeadlineMs: 600_000 } },
    kafka: { brokers: [address("KAFKA")], client },
    redis: { url: address("REDIS"), prefix: name },
    mongo: { url: address("MONGO"), database: name },
    registry: { url: address("REGISTRY") },
  };
};

/** Writes the config file of each kind of worker. */
const writeFiles = (folder: string, base: ReturnType<typeof configOf>): readonly string[] =>
  kinds.map((run, index) => {
    const file = join(folder, `worker-${index}.yaml`);
    const last = index === kinds.length - 1;
    writeFileSync(file, stringify({ ...base, runtime: { queues: run, timers: last }, jobs: { enabled: false } }));
    return file;
  });

interface Fleet {
  /** Starts all workers. Resolves when they are ready. */
  start(): Promise<void>;
  /** Replaces one worker after another. Each stops after its successor is ready. */
  replaceEach(replaced: (stoppedAt: number, tookMs: number) => void): Promise<void>;
  /** The last output of each worker that ended by itself, and each bad exit code. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

/** `files`: the config file of each kind of worker. */
const createFleet = (files: readonly string[]): Fleet => {
  const link = { exec: [], cut: async () => undefined, heal: async () => undefined };
  const failures: string[] = [];
  const places: { kind: number; worker: Worker }[] = [];
  const launch = (kind: number): Worker => startWorker(link, files[kind] ?? "", (words) => failures.push(words));
  return {
    start: async () => {
      for (let kind = 0; kind < kinds.length; kind += 1)
        for (let replica = 0; replica < replicas; replica += 1) places.push({ kind, worker: launch(kind) });
      await Promise.all(places.map(({ worker }) => worker.ready()));
    },
    replaceEach: async (replaced) => {
      for (const place of places) {
        const successor = launch(place.kind);
        await successor.ready();
        const stoppedAt = Date.now();
        const code = await place.worker.stop();
        if (code !== 0) failures.push(`a worker ended with ${code}`);
        place.worker = successor;
        replaced(stoppedAt, Date.now() - stoppedAt);
      }
    },
    failures,
    stop: async () => {
      await Promise.all(places.map(({ worker }) => worker.stop()));
    },
  };
};

const messagesFrom = (from: number, count: number): CheckedMessage[] =>
  Array.from({ length: count }, (_, index) => {
    const lane = (from + index) % criticalEvery === 0 ? "critical" : "normal";
    const to = `device-${from + index}-success`;
    const { message } = checkMessage({ channel: "push", lane, to, content: { title: "Hello", text: to } });
    if (!message) throw new Error("the benchmark's own message is invalid");
    return message;
  });

/** Sends messages of a tenant at an even pace. Resolves with their number when all are accepted. */
type Pace = (forSeconds: number, tenant: string) => Promise<number>;

const paceOf =
  (accepter: Accepter, perSecond: number, progress: (text: string) => void): Pace =>
  async (forSeconds, tenant) => {
    const each = Math.max(1, Math.round((perSecond * tickMs) / 1_000));
    const send = async (count: number, from: number): Promise<void> => {
      await accepter.accept(messagesFrom(from, count), tenant);
    };
    const begin = Date.now();
    let [count, sending] = [0, Promise.resolve()];
    for (let tick = 0; tick * tickMs < forSeconds * 1_000; tick += 1) {
      await systemClock.sleep(Math.max(0, begin + tick * tickMs - Date.now()));
      const from = count;
      count += each;
      sending = Promise.all([sending, send(each, from)]).then(() => undefined);
      if (tick % 20 === 0) progress(`${tenant}: ${count} messages accepted`);
    }
    await sending;
    return count;
  };

const sendsOf = (document: MessageDocument): number =>
  document.lineage.filter(({ stage, outcome }) => stage === "dispatch" && outcome === "ok").length;

/** The results, by the messages' documents. `begin`: the time of the first message. */
const resultsOf = (documents: readonly MessageDocument[], begin: number, accepted: number) => {
  const delivered = documents.filter(({ status }) => status === "delivered");
  return {
    sent: delivered.map(({ lane, acceptedAt, sentAt }) => ({
      lane: lane as Lane,
      at: (acceptedAt.getTime() - begin) / 1_000,
      waitedMs: (sentAt ?? acceptedAt).getTime() - acceptedAt.getTime(),
    })),
    accepted,
    lost: accepted - delivered.length,
    twice: documents.filter((document) => sendsOf(document) > 1).length,
  };
};

/** Restarts all workers, two of each kind, one after another while messages flow. Each stops after its successor is ready. */
export const runRollingRestart = async (
  { client, perSecond, seconds, restarts }: RollingRestartWork,
  address: (server: ServerName) => string,
  progress: (text: string) => void,
): Promise<RollingRestartRun> => {
  const folder = mkdtempSync(join(tmpdir(), "carillon-rolling-"));
  const base = configOf(`rolling-${Date.now().toString(36)}`, client, address);
  const fleet = createFleet(writeFiles(folder, base));
  const config = loadConfig({ environment: cleanEnvironment(), overrides: base });
  const stores = await openStores(config, systemClock, () => undefined);
  const stops: { at: number; tookMs: number }[] = [];
  try {
    const assembly = await assemble(config, stores, systemClock);
    await Promise.all([stores.log.ensureTopics(assembly.topics), stores.lineage.prepare()]);
    await fleet.start();
    const pace = paceOf(createAccepter(assembly, "command line", stores.log, systemClock), perSecond, progress);
    await pace(warmUpSeconds, "warm-up");
    const begin = Date.now();
    const restartAll = async (): Promise<void> => {
      if (!restarts) return;
      await systemClock.sleep(seconds * 50);
      await fleet.replaceEach((stoppedAt, tookMs) => {
        stops.push({ at: (stoppedAt - begin) / 1_000, tookMs });
        progress(`${stops.length} of ${kinds.length * replicas} workers restarted`);
      });
    };
    const accepting = pace(seconds, tenant).then((count) => ({ count, perSecond: count / ((Date.now() - begin) / 1_000) }));
    const [{ count: accepted, perSecond: acceptedPerSecond }] = await Promise.all([accepting, restartAll()]);
    const end = Date.now() + settleMs;
    for (let ended = 0; ended < accepted && Date.now() < end; ) {
      await systemClock.sleep(1_000);
      ended = await stores.lineage.count("messages_push", { tenant, final: true });
      progress(`${ended} of ${accepted} have ended`);
    }
    if (fleet.failures.length > 0) throw new Error(`workers failed: ${fleet.failures.join("\n").slice(0, 2_000)}`);
    const documents = await stores.lineage.query("messages_push", { tenant }, { limit: accepted + 1 });
    return { ...resultsOf(documents, begin, accepted), acceptedPerSecond, stops };
  } finally {
    await fleet.stop();
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
