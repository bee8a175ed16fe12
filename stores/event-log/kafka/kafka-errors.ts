import { CarillonError, type ErrorCode, messageOf } from "../../../schemas/errors.js";
import { type BrokerErrorClass, classOf } from "./broker-errors.js";

interface Linked {
  readonly type?: unknown;
  readonly name?: unknown;
  /** The protocol error, as @platformatic/kafka names it. */
  readonly apiId?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

const mostLinks = 50;

/** The names of the error and of all its causes. */
const typesOf = (thrown: unknown): string[] => {
  const types: string[] = [];
  const open: unknown[] = [thrown];
  for (let links = 0; open.length > 0 && links < mostLinks; links += 1) {
    const error = open.pop() as Linked | undefined;
    if (!error) continue;
    types.push(...[error.type, error.name, error.apiId].filter((name) => typeof name === "string"));
    open.push(error.cause, ...(Array.isArray(error.errors) ? (error.errors as unknown[]) : []));
  }
  return types;
};

/** Whether the error or any of its causes is this Kafka error. */
export const isError = (thrown: unknown, type: string): boolean => typesOf(thrown).includes(type);

/** Another worker has the partition, so this worker's commit was rejected. */
export const isFencing = (thrown: unknown): boolean => classOf(typesOf(thrown)) === "fenced";

/** kafkajs's own errors, by class, where the protocol has no name for them. */
const libraryNames: Readonly<Record<string, string>> = { KafkaJSSASLAuthenticationError: "SASL_AUTHENTICATION_FAILED" };

const codes: Readonly<Record<BrokerErrorClass, ErrorCode>> = {
  fenced: "FENCED",
  record: "RECORD_REFUSED",
  denied: "KAFKA_DENIED",
  passing: "UNAVAILABLE",
};

const fixes: Readonly<Partial<Record<BrokerErrorClass, string>>> = {
  record: "check the topic's max.message.bytes, message.timestamp.* and cleanup.policy",
  denied: "check the account's ACLs and the configuration of the brokers and Carillon; Carillon then resumes automatically",
};

/** Errors of every consumer and producer while brokers are down or restarting, regardless of the topic. */
const ofAllTopics = /COORDINATOR|LOAD_IN_PROGRESS|BROKER_NOT_AVAILABLE|NETWORK_EXCEPTION/;
const awayWords = /\bconnect|No broker|socket|closed|timed? ?out|E(CONNRE|PIPE|TIMEDOUT|HOSTUN|NETUN|AI_AGAIN|NOTFOUND)/i;

const isAway = (named: readonly string[], words: string): boolean =>
  named.length > 0 ? named.every((name) => ofAllTopics.test(name)) : awayWords.test(words);

/** Converts a client's error to a CarillonError. */
export const fromKafka = (what: string, thrown: unknown): CarillonError => {
  if (thrown instanceof CarillonError) return thrown;
  const types = [...new Set(typesOf(thrown).map((type) => libraryNames[type] ?? type))];
  const kind = classOf(types);
  const named = types.filter((type) => /^[A-Z][A-Z_]+$/.test(type));
  const cause = named.length > 0 ? ` (${named.join(", ")})` : "";
  const fix = fixes[kind];
  const words = messageOf(thrown);
  const server = kind === "passing" && isAway(named, words) ? { server: "Kafka" } : {};
  return new CarillonError(codes[kind], `${what}: ${words}${cause}`, { cause: thrown, ...(fix ? { fix } : {}), ...server });
};

/** The group's offset is outside its topic's log, so its consumer resumes at the first retained record. */
export const recordsDeleted = (topic: string): CarillonError =>
  new CarillonError(
    "RECORDS_DELETED",
    `records of ${topic} were deleted before they were read; Carillon resumes at the first retained record`,
    {
      fix: "check the topic's retention.ms and retention.bytes, and whether the topic was deleted and recreated; ask senders to repeat messages without a status",
    },
  );
