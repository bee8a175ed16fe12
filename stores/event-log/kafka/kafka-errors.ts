import { CarillonError, messageOf } from "../../../schemas/errors.js";

interface Linked {
  readonly type?: unknown;
  readonly name?: unknown;
  /** The protocol's error, as @platformatic/kafka names it. */
  readonly apiId?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

const mostLinks = 50;

/** The names of the error and of everything that caused it. */
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

const fencing = new Set([
  "ILLEGAL_GENERATION",
  "UNKNOWN_MEMBER_ID",
  "FENCED_INSTANCE_ID",
  "INVALID_PRODUCER_EPOCH",
  "PRODUCER_FENCED",
  "INVALID_PRODUCER_ID_MAPPING",
  "REBALANCE_IN_PROGRESS",
]);

/** Whether Kafka told this error, at whatever depth. */
export const isError = (thrown: unknown, type: string): boolean => typesOf(thrown).includes(type);

/** Another worker has the partition: what this one wanted to commit does not count. */
export const isFencing = (thrown: unknown): boolean => typesOf(thrown).some((type) => fencing.has(type));

/** A client's errors in our words. */
export const fromKafka = (what: string, thrown: unknown): CarillonError => {
  if (thrown instanceof CarillonError) return thrown;
  const code = isFencing(thrown) ? "FENCED" : "UNAVAILABLE";
  const types = [...new Set(typesOf(thrown).filter((type) => /^[A-Z][A-Z_]+$/.test(type)))];
  const told = types.length > 0 ? ` (${types.join(", ")})` : "";
  return new CarillonError(code, `${what}: ${messageOf(thrown)}${told}`, { cause: thrown });
};
