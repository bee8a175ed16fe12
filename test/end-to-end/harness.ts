import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { MessageInput } from "../../client/message-input.js";
import type { Config } from "../../config/schema.js";
import type { MessageView } from "../../operations/message-view.js";
import { type Assembly, assemble } from "../../service/assemble.js";
import { loadConfig } from "../../service/load-config.js";
import { openStores } from "../../service/open-stores.js";
import { systemClock } from "../../stores/clock.js";
import type { Guarantee, KafkaClientName } from "../../stores/event-log/event-log.js";
import type { Stores } from "../../stores/stores.js";
import { cleanEnvironment } from "../support/clean-environment.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder, uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { createProcesses } from "./processes.js";

export interface DeliveryOptions {
  readonly profile: "embedded" | "cluster";
  readonly guarantee: Guarantee;
  /** The Kafka client library; default: Carillon's default. */
  readonly client?: KafkaClientName;
  /** Number of processes that share the lanes. */
  readonly processes: number;
  /** Threads per process that consume queues; default: one. */
  readonly threads?: number;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The options in a few words. */
export const nameOf = ({ profile, guarantee, processes, threads = 1, client }: DeliveryOptions): string =>
  `${profile} profile${client ? ` by ${client}` : ""}, ${guarantee}, ${processes} process(es), ${threads} thread(s)`;

/** Carillon as its users run it: in separate processes, over HTTP. The test also opens the same stores. */
export interface Delivery {
  readonly urls: readonly string[];
  /** The file that it was started with, for further commands. */
  readonly configFile: string;
  readonly config: Config;
  readonly stores: Stores;
  readonly assembly: Assembly;
  /** The end of its processes' output. */
  output(): string;
  send(message: MessageInput): Promise<string>;
  view(id: string): Promise<MessageView>;
  /** Waits until the message is final and its lineage contains each attempt. */
  final(id: string, timeoutMs?: number): Promise<MessageView>;
  kill(signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT", index?: number): Promise<void>;
  /** Starts an additional process. */
  launch(): Promise<void>;
  restart(): Promise<void>;
  /** Restarts all processes with other keys. Rejects with their output if they do not start. */
  reconfigure(config: Readonly<Record<string, unknown>>): Promise<void>;
  stop(): Promise<void>;
}

/** A receipt can be handled, and its step recorded, before another process sends the send's own step. True once each attempt is there. */
export const isWhole = ({ lineage }: MessageView): boolean => {
  const sent = new Set(lineage.filter(({ stage }) => stage === "dispatch").map(({ attempt }) => attempt));
  const last = Math.max(0, ...lineage.map(({ attempt }) => attempt));
  return Array.from({ length: last }, (_, index) => index + 1).every((attempt) => sent.has(attempt));
};

const lane = (guarantee: Guarantee) => ({ partitions: 2, consumers: 1, guarantee });

const configOf = (options: DeliveryOptions, dataDir: string): Record<string, unknown> => {
  const name = uniqueName("e2e");
  const retry = { baseMs: 150, jitter: 0.1 };
  const { guarantee } = options;
  const lanes = { critical: lane(guarantee), high: lane(guarantee), normal: lane(guarantee), bulk: { ...lane(guarantee), partitions: 1 } };
  const base = {
    profile: options.profile,
    dataDir,
    http: { port: 0 },
    lanes,
    receipts: lane(guarantee),
    topics: { prefix: name },
    runtime: { threads: options.threads ?? 1 },
    channels: { email: { retry }, sms: { retry }, push: { retry, receiptDeadlineMs: 1_500 } },
    providers: { sandbox: { receiptDelayMs: 100, slowReceiptDelayMs: 1_000, retryAfterMs: 400 } },
    delivery: { sendTimeoutMs: 2_000, earlyReceiptRetryDelaysMs: [200, 500] },
    timers: { leaseMs: 3_000 },
    ...options.config,
  };
  if (options.profile === "embedded") return base;
  const shared = {
    kafka: { client: options.client, brokers: [serverAddress("KAFKA")], sessionTimeoutMs: 10_000 },
    redis: { url: serverAddress("REDIS"), prefix: name },
    mongo: { url: serverAddress("MONGO"), database: name },
    registry: { url: serverAddress("REGISTRY") },
  };
  // a test that puts a proxy in front of a server sets the server's keys here, one by one
  const servers = Object.entries(shared).map(([server, keys]) => [
    server,
    { ...keys, ...(options.config?.[server] as object | undefined) },
  ]);
  return { ...base, ...Object.fromEntries(servers) };
};

export const startDelivery = async (options: DeliveryOptions): Promise<Delivery> => {
  const folder = scratchFolder();
  const dataDir = join(folder.path, "data");
  mkdirSync(dataDir, { recursive: true });
  const configFile = join(folder.path, "carillon.yaml");
  const first = configOf(options, dataDir);
  writeFileSync(configFile, stringify(first));
  const config = loadConfig({ file: configFile, environment: cleanEnvironment() });
  const processes = createProcesses(configFile, options.processes);
  await processes.launchAll();
  const stores = await openStores(config, systemClock, () => undefined);
  const assembly = await assemble(config, stores, systemClock);
  const view = async (id: string): Promise<MessageView> => {
    const response = await fetch(`${processes.nextUrl()}/v1/messages/${id}`);
    return (await response.json()) as MessageView;
  };
  return {
    get urls() {
      return processes.urls();
    },
    configFile,
    config,
    stores,
    assembly,
    output: processes.output,
    view,
    send: async (message) => {
      const response = await fetch(`${processes.nextUrl()}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(message),
      });
      const body = (await response.json()) as { id?: string };
      if (response.status !== 202 || !body.id) throw new Error(`${response.status}: ${JSON.stringify(body)}`);
      return body.id;
    },
    final: (id, timeoutMs = 30_000) =>
      eventually(
        () => view(id),
        (found) => found.final && isWhole(found),
        timeoutMs,
      ),
    kill: (signal, index = 0) => processes.kill(signal, index),
    launch: processes.launch,
    restart: processes.launchAll,
    reconfigure: (config) => processes.relaunchAfter(() => writeFileSync(configFile, stringify({ ...first, ...config }))),
    stop: async () => {
      const codes = await processes.end();
      await stores.close();
      folder.remove();
      if (codes.some((code) => code !== 0 && code !== null)) throw new Error(`Carillon ended with ${codes.join(", ")} on SIGTERM`);
    },
  };
};
