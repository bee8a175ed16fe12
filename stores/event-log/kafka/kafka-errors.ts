import { CarillonError, messageOf } from "../../../schemas/errors.js";

const typesOf = (thrown: unknown): string[] => {
  const types: string[] = [];
  for (
    let error = thrown as { type?: unknown; name?: unknown; cause?: unknown } | undefined;
    error && types.length < 20;
    error = error.cause as typeof error
  ) {
    if (typeof error.type === "string") types.push(error.type);
    if (typeof error.name === "string") types.push(error.name);
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

/** Another worker has the partition: what this one wanted to commit does not count. */
export const isFencing = (thrown: unknown): boolean => typesOf(thrown).some((type) => fencing.has(type));

/** kafkajs's errors in our words. */
export const fromKafka = (what: string, thrown: unknown): CarillonError => {
  if (thrown instanceof CarillonError) return thrown;
  const code = isFencing(thrown) ? "FENCED" : "UNAVAILABLE";
  return new CarillonError(code, `${what}: ${messageOf(thrown)}`, { cause: thrown });
};
