import { checkMessage } from "../client/check-message.js";
import { completeMessage } from "../client/complete-message.js";
import type { MessageInput } from "../client/generated.js";
import type { Limits } from "../client/limits.js";
import type { ConfigInput } from "../config/schema.js";
import { createTestDriver, type TopologyTestDriver } from "../engine/test-driver.js";
import { CarillonError } from "../schemas/errors.js";
import type { MessageRequested } from "../schemas/generated.js";
import type { Outbox, OutboxEntry } from "../sinks/outbox.js";
import type { MessageDocument } from "../stores/lineage-store/lineage-store.js";
import type { Stores } from "../stores/stores.js";
import { createVirtualClock } from "../stores/virtual-clock.js";
import { limitsOf } from "../topology/delivery-policy.js";
import { namesOf } from "../topology/names.js";
import { type AssembleOptions, type Assembly, assemble } from "./assemble.js";
import { loadConfig } from "./load-config.js";
import { createMemoryStores } from "./memory-stores.js";
import { deadLettersOfStages } from "./run-queues.js";
import { testProviders } from "./test-providers.js";
import { withKeys } from "./with-keys.js";

/** The production delivery topology under a test driver. */
export interface DeliveryTestDriver extends TopologyTestDriver {
  readonly assembly: Assembly;
  readonly stores: Stores;
  /** The sandbox's deliveries, oldest first. */
  readonly delivered: readonly OutboxEntry[];
  /**
   * Sends a message as a client does and runs until all remaining work waits for the clock. Resolves with its id. Rejects INPUT_INVALID and
   * names each invalid field.
   */
  send(message: MessageInput): Promise<string>;
  lineage(messageId: string): Promise<MessageDocument | undefined>;
}

type DeepPartial<T> = { readonly [Key in keyof T]?: T[Key] extends object ? DeepPartial<T[Key]> : T[Key] };

const memoryOutbox = (delivered: OutboxEntry[]): Outbox => ({
  deliver: async (entry) => {
    delivered.push(entry);
  },
  latest: async (channel, limit) =>
    delivered
      .filter((entry) => entry.channel === channel)
      .slice(-limit)
      .reverse(),
});

/** The tenant of messages that do not name one. */
const presetTenant = "test";

const requestOf = (input: MessageInput, limits: Limits, nowMs: number): MessageRequested => {
  const { message, errors } = checkMessage(input, limits, nowMs);
  if (message) return completeMessage(message, message.tenant ?? presetTenant, nowMs);
  const problems = errors.map(({ field, problem, fix }) => `${field} ${problem}: ${fix}`);
  throw new CarillonError("INPUT_INVALID", `the message is invalid:\n  ${problems.join("\n  ")}`);
};

/** Everything in memory, on a virtual clock: feed requests, advance time, read the results. */
export const createDeliveryTestDriver = async (
  overrides: DeepPartial<ConfigInput> = {},
  options: AssembleOptions = {},
): Promise<DeliveryTestDriver> => {
  const config = loadConfig({ environment: {}, overrides: { instance: "test", ...overrides } });
  const clock = createVirtualClock();
  const stores = withKeys(createMemoryStores(clock), config, clock.now);
  const delivered: OutboxEntry[] = [];
  const providers = options.providers && testProviders(options.providers, config.delivery.sendTimeoutMs, clock);
  const assembly = await assemble(config, stores, clock, {
    outbox: memoryOutbox(delivered),
    ...options,
    ...(providers ? { providers } : {}),
  });
  await stores.log.ensureTopics(assembly.topics);
  const { codecs, graphs, origin } = assembly;
  const { topicOf } = namesOf(config);
  const { instance } = config;
  const driver = createTestDriver({
    graphs,
    codecs,
    clock,
    instance,
    origin,
    topicOf,
    log: stores.log,
    timers: stores.timers,
    stageTimeoutMs: config.runtime.stageTimeoutMs,
    requeueTimeoutMs: config.runtime.requeueTimeoutMs,
    deadLetter: deadLettersOfStages(config, assembly, stores, clock, instance),
  });
  return {
    ...driver,
    assembly,
    stores,
    delivered,
    send: async (message) => {
      const request = requestOf(message, limitsOf(config), clock.now());
      await driver.pipe(assembly.families.requests, request);
      return request.id;
    },
    lineage: (id) => stores.lineage.find(id),
  };
};
