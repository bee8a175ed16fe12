import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import { stringify } from "yaml";
import { checkMessage } from "../../client/check-message.js";
import { assemble } from "../../service/assemble.js";
import { loadConfig } from "../../service/load-config.js";
import { openStores } from "../../service/open-stores.js";
import { type Accepter, createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import type { Guarantee } from "../../stores/event-log/event-log.js";
import type { LineageReader } from "../../stores/lineage-store/lineage-store.js";
import { loopback, type RunningServer } from "../servers/server.js";
import { cleanEnvironment } from "../support/clean-environment.js";
import { type ClusteredServers, startClusteredServers, stopClusteredServers } from "./clustered-servers.js";
import { startWorker, type Worker } from "./fleet.js";
import { createLedger, endpointOf, type Ledger } from "./ledger.js";
import { brokenPromises, type Fate, type Tally, tallyOf } from "./tally.js";

/**
 * Three brokers, a Redis Cluster of three masters with a replica each, and three workers. While messages flow, a broker, a Redis master and
 * a worker are killed in turn: `npm run chaos:clusters`.
 */

const laneOf = { at_least_once: "normal", exactly_once: "high" } as const satisfies Partial<Record<Guarantee, string>>;
const modes = Object.keys(laneOf) as (keyof typeof laneOf)[];
const workerCount = 3;
const tenant = "clusters";
const tickMs = 500;
const acceptWithinMs = 120_000;
const settleMs = 600_000;
const quietMs = 120_000;
const downMs = 15_000;

const say = (text: string): void => console.log(`${pc.dim(new Date().toISOString().slice(11, 19))} ${text}`);

const killed = async (what: string, server: RunningServer | undefined): Promise<void> => {
  say(pc.yellow(`kill -9 of ${what}`));
  await server?.signal("SIGKILL");
  await sleep(downMs);
  await server?.revive();
  say(`${what} is back`);
};

const recipientOf = (mode: Guarantee, index: number): string => endpointOf(`clusters-${mode}-${index}`);
const modeOf = (to: string): keyof typeof laneOf => (to.includes("-exactly_once-") ? "exactly_once" : "at_least_once");

const configOf = (servers: ClusteredServers, ledger: Ledger) => {
  const name = `clusters-${Date.now().toString(36)}`;
  const queue = { partitions: 6, consumers: 1, concurrency: 32 };
  return {
    profile: "cluster",
    http: { port: 0 },
    topics: { prefix: name, replicationFactor: 3, minInSyncReplicas: 2 },
    lanes: {
      critical: { ...queue, partitions: 1 },
      bulk: { ...queue, partitions: 1 },
      ...Object.fromEntries(modes.map((guarantee) => [laneOf[guarantee], { ...queue, guarantee }])),
    },
    receipts: queue,
    channels: { push: { providers: ["sns"], retry: { baseMs: 500, jitter: 0.2 } } },
    runtime: { drainMs: 5_000, commitEveryMs: 250, queues: ["intake/*", "dispatch/dispatch.push.*", "respond/receipts.push", "record/*"] },
    delivery: { sendTimeoutMs: 3_000 },
    timers: { leaseMs: 5_000 },
    jobs: { enabled: false },
    aws: { endpoint: ledger.url },
    kafka: { brokers: servers.brokers.map(({ address }) => address), sessionTimeoutMs: 10_000, lingerMs: 20 },
    redis: { cluster: servers.redis.nodes.map(({ host, port }) => `${host}:${port}`), prefix: name, replicas: 1 },
    mongo: { url: servers.mongo.address, database: name },
    registry: { url: servers.registry.address },
  };
};

/** The messages of a run: how many, and how many a second. */
interface Load {
  readonly messages: number;
  readonly perSecond: number;
}

/** The time of acceptance of each recipient's message, in epoch milliseconds. */
type AcceptedAtMs = Map<string, number>;

/** Accepts like a careful sender: repeats with the same key until accepted. */
const acceptSurely = async (accepter: Accepter, batch: readonly string[], acceptedAtMs: AcceptedAtMs): Promise<void> => {
  const checked = batch.flatMap((to) => {
    const lane = laneOf[modeOf(to)];
    return checkMessage({ channel: "push", lane, to, idempotencyKey: to, content: { title: "Hello", text: to } }).message ?? [];
  });
  for (const end = Date.now() + acceptWithinMs; ; ) {
    try {
      await accepter.accept(checked, tenant);
      for (const to of batch) acceptedAtMs.set(to, Date.now());
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(500);
    }
  }
};

/** Sends at an even pace. Resolves when all messages are accepted. */
const sendAll = async (accepter: Accepter, { messages, perSecond }: Load, ledger: Ledger): Promise<AcceptedAtMs> => {
  const acceptedAtMs: AcceptedAtMs = new Map();
  const each = Math.max(1, Math.round((perSecond * tickMs) / 1_000));
  const sending: Promise<void>[] = [];
  const start = Date.now();
  for (let from = 0, tick = 0; from < messages; from += each, tick += 1) {
    await sleep(Math.max(0, start + tick * tickMs - Date.now()));
    const count = Math.min(each, messages - from);
    // a fifth of them in exactly_once
    const batch = Array.from({ length: count }, (_, index) =>
      recipientOf((from + index) % 5 === 0 ? "exactly_once" : "at_least_once", from + index),
    );
    sending.push(acceptSurely(accepter, batch, acceptedAtMs));
    if (tick % 40 === 0) say(`${acceptedAtMs.size} accepted, ${ledger.sends.size} sent`);
  }
  await Promise.all(sending);
  return acceptedAtMs;
};

const strike = async ({ messages, perSecond }: Load, servers: ClusteredServers, workers: readonly Worker[]): Promise<void> => {
  const lastsMs = (messages / perSecond) * 1_000;
  const [broker, master, worker] = [servers.brokers[0], servers.redis.nodes[0], workers[0]];
  await sleep(lastsMs * 0.15);
  await killed("a broker", broker);
  await sleep(lastsMs * 0.15);
  await killed("a master of Redis", master);
  await sleep(lastsMs * 0.15);
  say(pc.yellow("kill -9 of a worker"));
  worker?.signal("SIGKILL");
};

/** Waits until all messages are final or nothing changes any more. Resolves with the final status of each recipient's message. */
const settle = async (lineage: LineageReader, messages: number): Promise<Map<string, string>> => {
  let [final, movedAtMs] = [0, Date.now()];
  for (const end = Date.now() + settleMs; final < messages && Date.now() < end && Date.now() - movedAtMs < quietMs; ) {
    await sleep(5_000);
    const now = await lineage.count("messages_push", { tenant, final: true });
    if (now !== final) movedAtMs = Date.now();
    final = now;
    say(`${final} of ${messages} are final`);
  }
  const statuses = new Map<string, string>();
  for (let skip = 0; skip < final; skip += 10_000) {
    const page = await lineage.query(
      "messages_push",
      { tenant, final: true },
      { sort: { _id: 1 }, skip, limit: 10_000, keys: { to: 1, status: 1 } },
    );
    for (const { to, status } of page) if (to !== null) statuses.set(to, status);
  }
  return statuses;
};

const talliesOf = (acceptedAtMs: AcceptedAtMs, ledger: Ledger, statuses: ReadonlyMap<string, string>): Tally[] =>
  modes.map((mode) => {
    const own = [...acceptedAtMs.keys()].filter((to) => modeOf(to) === mode);
    const fates = own.map(
      (to): Fate => ({ acceptedAtMs: acceptedAtMs.get(to) ?? 0, sentAtMs: ledger.sends.get(to) ?? [], finalStatus: statuses.get(to) }),
    );
    return tallyOf(mode, fates);
  });

const sayTally = ({ guarantee, accepted, lost, duplicated, late, worstMs, open }: Tally): void =>
  say(
    `${pc.bold(guarantee)}: ${accepted} accepted, ${lost} lost, ${duplicated} twice, ${late} late, worst ${(worstMs / 1_000).toFixed(1)} s, ${open} open`,
  );

const run = async (load: Load): Promise<readonly string[]> => {
  const data = mkdtempSync(join(tmpdir(), "carillon-clusters-"));
  const begin = Date.now();
  const servers = await startClusteredServers(data);
  const ledger = await createLedger(loopback);
  say("three brokers, six nodes of Redis, MongoDB's stand-in and the registry answer");
  const configFile = join(data, "carillon.yaml");
  writeFileSync(configFile, stringify(configOf(servers, ledger)));
  const config = loadConfig({ file: configFile, environment: cleanEnvironment() });
  const link = { exec: [], cut: async () => undefined, heal: async () => undefined };
  const workers = Array.from({ length: workerCount }, () =>
    startWorker(link, configFile, (words) => say(pc.red(`a worker fell: ${words.slice(-1_500)}`))),
  );
  const stores = await openStores(config, systemClock, () => undefined);
  try {
    await Promise.all(workers.map((worker) => worker.ready()));
    const assembly = await assemble(config, stores, systemClock);
    const accepter = createAccepter(assembly, "command line", stores.log, systemClock);
    const [acceptedAtMs] = await Promise.all([sendAll(accepter, load, ledger), strike(load, servers, workers)]);
    say(`${acceptedAtMs.size} accepted`);
    const statuses = await settle(stores.lineage, load.messages);
    const tallies = talliesOf(acceptedAtMs, ledger, statuses);
    for (const tally of tallies) sayTally(tally);
    say(`${Math.round((Date.now() - begin) / 1_000)} s in all, ${workers.reduce((sum, worker) => sum + worker.restarts(), 0)} restarts`);
    return tallies.flatMap((tally) => brokenPromises(tally, false).map((what) => `${tally.guarantee}: ${what}`));
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await stores.close();
    ledger.close();
    await stopClusteredServers(servers);
    rmSync(data, { recursive: true, force: true });
  }
};

const positive = (text: string): number => {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("it must be a number above 0");
  return number;
};

const program = new Command("chaos:clusters")
  .option("--messages <number>", "how many", positive, 50_000)
  .option("--rate <number>", "how many a second", positive, 200)
  .action(async ({ messages, rate }: { messages: number; rate: number }) => {
    const broken = await run({ messages, perSecond: rate });
    for (const what of broken) console.log(pc.red(what));
    console.log(broken.length === 0 ? pc.green("every promise was kept") : pc.red("promises were broken"));
    process.exit(broken.length === 0 ? 0 : 1);
  });
await program.parseAsync();
