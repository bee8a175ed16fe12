import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { type CheckedMessage, checkMessage } from "../../client/check-message.js";
import type { Lane } from "../../schemas/generated.js";
import { assemble } from "../../service/assemble.js";
import { loadConfig } from "../../service/load-config.js";
import { openStores } from "../../service/open-stores.js";
import { type Accepter, createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import type { Guarantee, KafkaClientName } from "../../stores/event-log/event-log.js";
import type { LineageStore } from "../../stores/lineage-store/lineage-store.js";
import { cleanEnvironment } from "../support/clean-environment.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder, uniqueName } from "../support/scratch.js";
import type { Cluster } from "./cluster.js";
import { startWorker } from "./fleet.js";
import { createLedger, endpointOf, type Ledger } from "./ledger.js";
import type { Scenario } from "./scenarios.js";
import { brokenPromises, type Fate, type Tally, tallyOf } from "./tally.js";

export interface RunOptions {
  readonly client: KafkaClientName;
  /** Number per mode. */
  readonly messages: number;
  /** Number per worker. */
  readonly threads: number;
  readonly say: (text: string) => void;
}

export interface RunResult {
  readonly scenario: string;
  readonly client: KafkaClientName;
  readonly tallies: readonly Tally[];
  /** Restarts of workers that ended without having been killed. */
  readonly restarts: number;
  readonly seconds: number;
  readonly broken: readonly string[];
}

/** Each mode has its own lane, so that one run subjects all of them to the same failures. */
const laneOfMode = { at_most_once: "bulk", at_least_once: "normal", exactly_once: "high" } as const satisfies Record<Guarantee, Lane>;
const modes = Object.keys(laneOfMode) as Guarantee[];

const perSecond = 10;
const tickMs = 500;
const perTick = (perSecond * tickMs) / 1_000;
const strikeAfterMs = 4_000;
/** The first tenant's messages warm everything up and are not counted. */
const warmUp = { tenant: "warm-up", messages: 50, mostMs: 30_000 };
const tenant = "chaos";
/** The run ends once everything is final, nothing has changed for this long, or its time is over. */
const quietMs = { promised: 75_000, lossy: 10_000 };
const mostMs = 240_000;
const acceptAgainAfterMs = 500;
const acceptWithinMs = 90_000;

const configOf = (cluster: Cluster, scenario: Scenario, ledger: Ledger, { client, threads }: RunOptions) => {
  const name = uniqueName("chaos");
  const queue = { partitions: 2, consumers: 1, concurrency: 8 };
  return {
    profile: "cluster",
    http: { port: 0 },
    topics: { prefix: name },
    lanes: {
      critical: { ...queue, partitions: 1 },
      ...Object.fromEntries(modes.map((guarantee) => [laneOfMode[guarantee], { ...queue, guarantee }])),
    },
    receipts: queue,
    channels: { push: { providers: ["sns"], retry: { baseMs: 500, jitter: 0.2 } } },
    delivery: { sendTimeoutMs: 3_000 },
    timers: { leaseMs: 5_000 },
    // only the queues that these messages use, to save CPU time
    runtime: {
      ...{ drainMs: 5_000, commitEveryMs: 250, threads },
      queues: ["intake/*", "dispatch/dispatch.push.*", "respond/receipts.push", "record/*"],
    },
    aws: { endpoint: ledger.url },
    kafka: { client, brokers: cluster.brokers.map(({ address }) => address), sessionTimeoutMs: 10_000, lingerMs: 20 },
    redis: { url: (scenario.forgetful ? cluster.forgetfulRedis : cluster.redis).address, prefix: name },
    mongo: { url: cluster.mongo.address, database: name },
    registry: { url: cluster.registry.address },
  };
};

const recipientOf = (sender: string, lane: Lane, index: number): string => endpointOf(`${sender}-${lane}-${index}`);

const messageOf = (sender: string, lane: Lane, index: number): CheckedMessage => {
  const to = recipientOf(sender, lane, index);
  const { message, errors } = checkMessage({ channel: "push", lane, to, idempotencyKey: to, content: { title: "Hello", text: to } });
  if (!message) throw new Error(JSON.stringify(errors));
  return message;
};

/** Accepts like a careful sender: repeats with the same key until accepted. */
const acceptSurely = async (accepter: Accepter, messages: readonly CheckedMessage[], sender: string): Promise<void> => {
  const end = Date.now() + acceptWithinMs;
  for (;;) {
    try {
      await accepter.accept(messages, sender);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(acceptAgainAfterMs);
    }
  }
};

/** Sends at an even pace on all lanes. Resolves with each recipient's time of acceptance. */
const sendAll = async (accepter: Accepter, count: number, sender: string): Promise<Map<string, number>> => {
  const acceptedAtMs = new Map<string, number>();
  const begin = Date.now();
  const sending: Promise<void>[] = [];
  for (let start = 0; start < count; start += perTick) {
    await sleep(Math.max(0, begin + (start / perSecond) * 1_000 - Date.now()));
    const messages = modes.flatMap((mode) =>
      Array.from({ length: Math.min(perTick, count - start) }, (_, index) => messageOf(sender, laneOfMode[mode], start + index)),
    );
    sending.push(
      acceptSurely(accepter, messages, sender).then(() => {
        for (const { to } of messages) acceptedAtMs.set(to, Date.now());
      }),
    );
  }
  await Promise.all(sending);
  return acceptedAtMs;
};

/** The final status of each recipient's message. */
const finalStatuses = async (lineage: Pick<LineageStore, "query">, sender: string, most: number): Promise<Map<string, string>> => {
  const documents = await lineage.query("messages_push", { tenant: sender, final: true }, { limit: most });
  return new Map(documents.flatMap(({ to, status }) => (to === null ? [] : [[to, status] as const])));
};

/** Waits until all are final or nothing changes any more. Messages that may be lost are waited for less. */
const settle = async (
  lineage: Pick<LineageStore, "query">,
  ledger: Ledger,
  count: number,
  say: (text: string) => void,
): Promise<Map<string, string>> => {
  const mayBeLost = recipientOf(tenant, laneOfMode.at_most_once, 0).slice(0, -1);
  const begin = Date.now();
  let movedAtMs = begin;
  let before = "";
  let statuses = new Map<string, string>();
  for (;;) {
    // a store that was struck may still fail a query: the next one retries
    statuses = await finalStatuses(lineage, tenant, count + 1).catch((error: unknown) => {
      say(error instanceof Error ? error.message : String(error));
      return statuses;
    });
    const sent = [...ledger.sends.keys()].filter((to) => to.startsWith(endpointOf(tenant))).length;
    const now = `${statuses.size} final, ${sent} sent`;
    if (now !== before) movedAtMs = Date.now();
    before = now;
    say(`${now} of ${count}`);
    const promised = [...statuses.keys()].filter((to) => !to.startsWith(mayBeLost)).length;
    const patienceMs = promised >= (count * (modes.length - 1)) / modes.length ? quietMs.lossy : quietMs.promised;
    if (statuses.size >= count || Date.now() - movedAtMs > patienceMs || Date.now() - begin > mostMs) return statuses;
    await sleep(1_000);
  }
};

/** Runs one scenario on the real servers, all modes at once, with a careful sender, two workers and a provider that keeps a ledger. */
export const runScenario = async (cluster: Cluster, scenario: Scenario, options: RunOptions): Promise<RunResult> => {
  const { client, messages, say } = options;
  const begin = Date.now();
  const folder = scratchFolder();
  const ledger = await createLedger(cluster.network.host);
  const raw = configOf(cluster, scenario, ledger, options);
  const configFile = join(folder.path, "carillon.yaml");
  writeFileSync(configFile, stringify(raw));
  const config = loadConfig({ file: configFile, environment: cleanEnvironment() });
  const [first, second] = cluster.links;
  const onFall = (lastWords: string): void => say(`a worker fell: ${lastWords}`);
  const workers = [startWorker(first, configFile, onFall), startWorker(second, configFile, onFall)] as const;
  try {
    await Promise.all(workers.map((worker) => worker.ready()));
    const stores = await openStores(config, systemClock, () => undefined);
    try {
      const assembly = await assemble(config, stores, systemClock);
      const accepter = createAccepter(assembly, "command line", stores.log, systemClock);
      await sendAll(accepter, warmUp.messages, warmUp.tenant);
      await eventually(
        () => finalStatuses(stores.lineage, warmUp.tenant, 10_000),
        ({ size }) => size >= warmUp.messages * modes.length,
        warmUp.mostMs,
        500,
      ).catch(() => say("not all of the warm-up has ended"));
      say("messages flow");
      const sending = sendAll(accepter, messages, tenant);
      sending.catch(() => undefined); // awaited below
      await sleep(strikeAfterMs);
      say(`now: ${scenario.what}`);
      await scenario.strike({
        workers,
        brokers: cluster.brokers,
        redis: scenario.forgetful ? cluster.forgetfulRedis : cluster.redis,
        mongo: cluster.mongo,
        registry: cluster.registry,
        link: first,
      });
      say("over");
      const acceptedAtMs = await sending;
      const statuses = await settle(stores.lineage, ledger, acceptedAtMs.size, say);
      const tallies = modes.map((mode) => {
        const fates = Array.from({ length: messages }, (_, index): Fate => {
          const to = recipientOf(tenant, laneOfMode[mode], index);
          return { acceptedAtMs: acceptedAtMs.get(to) ?? 0, sentAtMs: ledger.sends.get(to) ?? [], finalStatus: statuses.get(to) };
        });
        return tallyOf(mode, fates);
      });
      const broken = tallies.flatMap((tally) =>
        brokenPromises(tally, scenario.forgetful ?? false).map((what) => `${tally.guarantee}: ${what}`),
      );
      if (broken.length > 0) for (const worker of workers) say(worker.tail());
      return {
        scenario: scenario.name,
        client,
        tallies,
        restarts: workers.reduce((sum, worker) => sum + worker.restarts(), 0),
        seconds: Math.round((Date.now() - begin) / 1_000),
        broken,
      };
    } finally {
      await stores.close();
    }
  } finally {
    const codes = await Promise.all(workers.map((worker) => worker.stop()));
    if (codes.some((code) => code !== 0)) say(`workers ended with ${codes.join(" and ")} on SIGTERM`);
    ledger.close();
    folder.remove();
  }
};
