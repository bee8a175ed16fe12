import { writeFileSync } from "node:fs";
import { join } from "node:path";
import avro from "avsc";
import { stringify } from "yaml";
import type { Lane } from "../../schemas/generated.js";
import { loadConfig } from "../../service/load-config.js";
import { openStores } from "../../service/open-stores.js";
import { systemClock } from "../../stores/clock.js";
import type { KafkaClientName } from "../../stores/event-log/event-log.js";
import { cleanEnvironment } from "../support/clean-environment.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder, uniqueName } from "../support/scratch.js";
import type { Build } from "./builds.js";
import { type Crew, createCrew } from "./crew.js";
import { planted } from "./planted.js";
import { createTraffic } from "./traffic.js";
import { deadLettersOf, judge } from "./verdict.js";

export interface UpgradeOptions {
  readonly from: Build;
  readonly to: Build;
  /** Whether the later build has an additional channel and stage. */
  readonly planted: boolean;
  readonly client: KafkaClientName;
  /** The lanes that messages use in turn; workers run no others. */
  readonly lanes: readonly Lane[];
  readonly messages: number;
  readonly perSecond: number;
  readonly address: (server: "KAFKA" | "REDIS" | "MONGO" | "REGISTRY") => string;
  readonly say: (text: string) => void;
}

export interface UpgradeResult {
  readonly accepted: number;
  readonly delivered: number;
  readonly twice: number;
  /** Records handed back for a later version, by build. */
  readonly handedBack: ReadonlyMap<string, number>;
  readonly seconds: number;
  readonly problems: readonly string[];
}

const settleMs = 150_000;
const usual = ["email", "sms", "push"] as const;

const configOf = ({ client, lanes, address }: UpgradeOptions) => {
  const name = uniqueName("mixed");
  const queue = { partitions: 2, consumers: 1 };
  const retry = { baseMs: 300, jitter: 0.2 };
  return {
    profile: "cluster",
    http: { port: 0 },
    topics: { prefix: name, replicationFactor: 1 },
    lanes: { critical: queue, high: queue, normal: queue, bulk: queue },
    receipts: queue,
    lineage: queue,
    channels: { email: { retry }, sms: { retry }, push: { retry } },
    timers: { leaseMs: 5_000 },
    // only the queues that these messages use, to save CPU time
    runtime: { queues: [...lanes.map((lane) => `*.${lane}`), "respond/*", "record/*"], drainMs: 5_000 },
    kafka: { client, brokers: [address("KAFKA")], sessionTimeoutMs: 10_000 },
    redis: { url: address("REDIS"), prefix: name },
    mongo: { url: address("MONGO"), database: name },
    registry: { url: address("REGISTRY") },
  };
};

interface Feedback {
  readonly messageId: string;
  readonly kind: string;
  readonly status: string;
}

/** Messages with more than one final status, according to a reader with the writers' schemas. */
const contradictions = async (configFile: string, most: number): Promise<string[]> => {
  const config = loadConfig({ file: configFile, environment: cleanEnvironment() });
  const stores = await openStores(config, systemClock, () => undefined);
  try {
    const told = new Map<string, Set<string>>();
    for (const { value } of await stores.log.scan(`${config.topics.prefix}.feedback`, most)) {
      if (value === null) continue;
      const type = avro.Type.forSchema((await stores.registry.schema(value.readUInt32BE(1))) as avro.Schema);
      const { messageId, kind, status } = type.fromBuffer(value.subarray(5)) as Feedback;
      if (kind === "final") told.set(messageId, (told.get(messageId) ?? new Set()).add(String(status)));
    }
    return [...told].flatMap(([id, statuses]) => (statuses.size > 1 ? [`${id} was told to end as ${[...statuses].join(" and ")}`] : []));
  } finally {
    await stores.close();
  }
};

/** The upgrade itself: a part of the messages in each step, with workers killed while both builds run. */
const roll = async (crew: Crew, { from, to, say }: UpgradeOptions, flow: (share: number) => Promise<void>): Promise<void> => {
  const [first, second] = await Promise.all([crew.join(from), crew.join(from)]);
  say("old workers only");
  await flow(0.2);
  const alongside = async (step: () => Promise<unknown>, share: number): Promise<void> => {
    await Promise.all([step(), flow(share)]);
  };
  let third = first;
  await alongside(async () => {
    third = await crew.join(to);
  }, 0.2);
  say("both builds");
  await alongside(async () => {
    await crew.end(first);
    await crew.kill(third);
    await third.worker.ready();
  }, 0.2);
  await alongside(async () => {
    await crew.join(to);
    await crew.leave(second);
  }, 0.2);
  say("new workers only");
  await flow(0.2);
};

/** Rolls workers from one build to another on real servers while messages flow, and checks the result of each message. */
export const runRollingUpgrade = async (options: UpgradeOptions): Promise<UpgradeResult> => {
  const { to, messages, perSecond, say } = options;
  const begin = Date.now();
  const folder = scratchFolder();
  const configFile = join(folder.path, "carillon.yaml");
  writeFileSync(configFile, stringify(configOf(options)));
  const crew = createCrew(configFile, say);
  const urls = (only?: Build): string[] =>
    crew.members.flatMap(({ build, worker }) => (worker.url() !== "" && (!only || build === only) ? [worker.url()] : []));
  const traffic = createTraffic((channel, number) => {
    const there = urls(channel === planted.channel ? to : undefined);
    return there[number % there.length];
  }, options.lanes);
  const channels = (): readonly string[] => (options.planted && urls(to).length > 0 ? [...usual, planted.channel] : usual);
  try {
    await roll(crew, options, (share) => traffic.send(Math.round(messages * share), perSecond, channels));
    const newUrl = (): string => urls(to)[0] ?? "";
    await eventually(newUrl, (url) => url !== "", 30_000);
    const { delivered, twice, problems } = await judge(newUrl, traffic.sent, settleMs, say);
    const handedBack = await crew.handedBack();
    const told = await contradictions(configFile, messages * 4);
    const letters = await deadLettersOf(newUrl());
    const silent = options.planted && [...handedBack.values()].every((count) => count === 0) ? ["no record was handed back"] : [];
    return {
      accepted: traffic.sent.length,
      delivered,
      twice,
      handedBack,
      seconds: Math.round((Date.now() - begin) / 1_000),
      problems: [...problems, ...told, ...letters, ...silent, ...crew.falls],
    };
  } finally {
    await crew.stop();
    folder.remove();
  }
};
