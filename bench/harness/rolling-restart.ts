import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { checkMessage } from "../../client/check-message.js";
import type { Lane } from "../../schemas/generated.js";
import { assemble } from "../../service/assemble.js";
import { loadConfig } from "../../service/load-config.js";
import { openStores } from "../../service/open-stores.js";
import { createAccepter } from "../../sources/accepter.js";
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

/** Restarts all workers, two of each kind, one after another while messages flow. Each stops after its successor is ready. */
export const runRollingRestart = async (
  { client, perSecond, seconds, restarts }: RollingRestartWork,
  address: (server: ServerName) => string,
  progress: (text: string) => void,
): Promise<RollingRestartRun> => {
  const folder = mkdtempSync(join(tmpdir(), "carillon-rolling-"));
  const name = `rolling-${Date.now().toString(36)}`;
  const queue = { partitions: 4, consumers: 1 };
  const base = {
    profile: "cluster",
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
  const fileOf = (run: readonly string[], index: number): string => {
    const file = join(folder, `worker-${index}.yaml`);
    const last = index === kinds.length - 1;
    writeFileSync(file, stringify({ ...base, runtime: { only: run, expireListener: last }, jobs: { enabled: false } }));
    return file;
  };
  const files = kinds.map(fileOf);
  const link = { exec: [], cut: async () => undefined, heal: async () => undefined };
  const falls: string[] = [];
  const launch = (kind: number): Worker => startWorker(link, files[kind] ?? "", (words) => falls.push(words));
  const config = loadConfig({ environment: cleanEnvironment(), overrides: base });
  const stores = await openStores(config, systemClock, () => undefined);
  const fleet: { kind: number; worker: Worker }[] = [];
  const stops: { at: number; tookMs: number }[] = [];
  try {
    const assembly = await assemble(config, stores, systemClock);
    await Promise.all([stores.log.ensureTopics(assembly.topics), stores.lineage.prepare()]);
    for (let kind = 0; kind < kinds.length; kind += 1)
      for (let replica = 0; replica < replicas; replica += 1) fleet.push({ kind, worker: launch(kind) });
    await Promise.all(fleet.map(({ worker }) => worker.ready()));
    const accepter = createAccepter(assembly, "command line", stores.log, systemClock);
    const tenant = "rolling";
    const each = Math.max(1, Math.round((perSecond * tickMs) / 1_000));
    const send = async (count: number, from: number, whose: string): Promise<void> => {
      const messages = Array.from({ length: count }, (_, index) => {
        const lane = (from + index) % criticalEvery === 0 ? "critical" : "normal";
        const to = `device-${from + index}-success`;
        const { message } = checkMessage({ channel: "push", lane, to, content: { title: "Hello", text: to } });
        if (!message) throw new Error("the benchmark's own message is refused");
        return message;
      });
      await accepter.accept(messages, whose);
    };
    const pace = async (forSeconds: number, whose: string): Promise<number> => {
      const begin = Date.now();
      let [count, sending] = [0, Promise.resolve()];
      for (let tick = 0; tick * tickMs < forSeconds * 1_000; tick += 1) {
        await systemClock.sleep(Math.max(0, begin + tick * tickMs - Date.now()));
        const from = count;
        count += each;
        sending = Promise.all([sending, send(each, from, whose)]).then(() => undefined);
        if (tick % 20 === 0) progress(`${whose}: ${count} messages accepted`);
      }
      await sending;
      return count;
    };
    await pace(warmUpSeconds, "warm-up");
    const begin = Date.now();
    const restartAll = async (): Promise<void> => {
      if (!restarts) return;
      await systemClock.sleep(seconds * 50);
      for (const place of fleet) {
        const successor = launch(place.kind);
        await successor.ready();
        const at = Date.now();
        const code = await place.worker.stop();
        if (code !== 0) falls.push(`a worker ended with ${code}`);
        place.worker = successor;
        stops.push({ at: (at - begin) / 1_000, tookMs: Date.now() - at });
        progress(`${stops.length} of ${fleet.length} workers restarted`);
      }
    };
    const accepting = pace(seconds, tenant).then((count) => ({ count, perSecond: count / ((Date.now() - begin) / 1_000) }));
    const [{ count: accepted, perSecond: acceptedPerSecond }] = await Promise.all([accepting, restartAll()]);
    const end = Date.now() + settleMs;
    for (let ended = 0; ended < accepted && Date.now() < end; ) {
      await systemClock.sleep(1_000);
      ended = await stores.lineage.count("messages_push", { tenant, final: true });
      progress(`${ended} of ${accepted} have ended`);
    }
    if (falls.length > 0) throw new Error(`workers fell: ${falls.join("\n").slice(0, 2_000)}`);
    const documents: readonly MessageDocument[] = await stores.lineage.query("messages_push", { tenant }, { limit: accepted + 1 });
    const sends = (document: MessageDocument): number =>
      document.lineage.filter(({ stage, outcome }) => stage === "dispatch" && outcome === "ok").length;
    const delivered = documents.filter(({ status }) => status === "delivered");
    return {
      sent: delivered.map(({ lane, acceptedAt, sentAt }) => ({
        lane: lane as Lane,
        at: (acceptedAt.getTime() - begin) / 1_000,
        waitedMs: (sentAt ?? acceptedAt).getTime() - acceptedAt.getTime(),
      })),
      accepted,
      lost: accepted - delivered.length,
      twice: documents.filter((document) => sends(document) > 1).length,
      acceptedPerSecond,
      stops,
    };
  } finally {
    await Promise.all(fleet.map(({ worker }) => worker.stop()));
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
