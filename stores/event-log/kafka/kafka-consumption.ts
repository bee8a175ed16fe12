import { CarillonError, carillonErrorOf } from "../../../schemas/errors.js";
import { systemClock } from "../../clock.js";
import type { ConsumeOptions, Consumption, KafkaClientName } from "../event-log.js";
import { removeFormerMembers } from "./former-members.js";
import type { KafkaAdmin } from "./kafka-admin.js";
import type { ConsumerDependencies, KafkaClientOptions } from "./kafka-client.js";
import { kafkaClientBy } from "./kafka-clients.js";
import { isError } from "./kafka-errors.js";
import { type EndingConsumer, type SupervisedConsumer, superviseConsumer } from "./supervised-consumer.js";

export interface MemberOptions extends KafkaClientOptions {
  readonly client: KafkaClientName;
  /** Name of this process, stable across restarts: its consumers replace those of the previous run. */
  readonly instance?: string;
}

/** Joining a group waits for the other members for at most two session timeouts. Twice that is too long. */
const silentSessions = 4;
/** How often a broker may report a topic that was just created as unknown. */
const unknownTopicTries = 40;
const unknownTopicPauseMs = 500;

/** Starts one consumer of a group, identified by its index in this process. */
const startMember = async (
  options: MemberOptions,
  consume: ConsumeOptions,
  dependencies: ConsumerDependencies & Pick<KafkaAdmin, "ask">,
  index: number,
): Promise<EndingConsumer> => {
  const { ask, append, committed } = dependencies;
  const { instance } = options;
  const clientId = instance === undefined ? options.clientId : `${options.clientId}-${instance}-${index}`;
  const members = () =>
    ask("cannot read the members", async (one) => (await one.describeGroups([consume.group])).groups.flatMap((group) => group.members));
  for (let triesLeft = unknownTopicTries; ; triesLeft -= 1) {
    const own = kafkaClientBy[options.client]({ ...options, clientId });
    try {
      if (instance !== undefined) await removeFormerMembers(options, consume.group, clientId, members);
      return await own.consume(consume, { append, committed });
    } catch (error) {
      if (!isError(error, "UNKNOWN_TOPIC_OR_PARTITION") || triesLeft === 0) throw error;
      await systemClock.sleep(unknownTopicPauseMs);
    }
  }
};

/** All of them, or none and the first rejection. */
const allOrNone = async (starting: readonly Promise<SupervisedConsumer>[]): Promise<SupervisedConsumer[]> => {
  const settled = await Promise.allSettled(starting);
  const started = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = settled.find((result) => result.status === "rejected");
  if (!failed) return started;
  await Promise.all(started.map((consumer) => consumer.stop()));
  throw failed.reason;
};

/** Consumes a topic with the requested number of supervised consumers. Rejects if one of them does not start. */
export const consumeFromKafka = async (
  options: MemberOptions,
  consume: ConsumeOptions,
  dependencies: ConsumerDependencies & Pick<KafkaAdmin, "ask">,
): Promise<Consumption> => {
  const sessionTimeoutMs = Math.min(consume.sessionTimeoutMs ?? options.sessionTimeoutMs, options.sessionTimeoutMs);
  let lastError: CarillonError | undefined;
  const onError = (error: unknown): void => {
    lastError = carillonErrorOf(error);
    consume.onError(error);
  };
  const start = (index: number): Promise<EndingConsumer> =>
    startMember({ ...options, sessionTimeoutMs }, { ...consume, onError }, dependencies, index);
  const consumers = await allOrNone(
    Array.from({ length: consume.consumers }, (_, index) =>
      superviseConsumer({ start: () => start(index), onError, clock: systemClock, silentMs: sessionTimeoutMs * silentSessions }),
    ),
  );
  return {
    stop: async () => {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
    },
    living: () => consumers.filter((consumer) => consumer.isLiving()).length,
    trouble: () => {
      const dead = consumers.find((consumer) => !consumer.isLiving());
      return dead && (dead.trouble() ?? lastError ?? new CarillonError("UNAVAILABLE", "it has not joined its group yet"));
    },
  };
};
