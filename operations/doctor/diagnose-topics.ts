import type { Config } from "../../config/schema.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import { withinDeadline } from "../../stores/deadline.js";
import type { EventLog } from "../../stores/event-log/event-log.js";
import type { DeliveryParts } from "../delivery-parts.js";
import { commandOf, sharedDrifts, wordsOf } from "../topic-drifts.js";
import type { Diagnosis } from "./diagnosis.js";

const what = "topics";
const deadlineMs = 20_000;

/** Missing permission to read the settings prevents nothing from working. */
const unread = (error: unknown): Diagnosis => ({
  what,
  ok: error instanceof CarillonError && error.code === "KAFKA_DENIED",
  found: `topic settings could not be checked: ${messageOf(error)}`,
  fix: error instanceof CarillonError ? error.fix : undefined,
});

/**
 * Checks the settings in force of existing topics. Settings that lose or refuse records are errors; settings that keep records longer are
 * warnings.
 */
export const lookAtTopics = async (
  { kafka }: Pick<Config, "kafka">,
  log: Pick<EventLog, "drifts">,
  assembling: Promise<Pick<DeliveryParts, "topics">>,
): Promise<readonly Diagnosis[]> => {
  if (!log.drifts) return [];
  try {
    const { topics } = await assembling;
    const drifts = sharedDrifts(await withinDeadline("Kafka", deadlineMs, log.drifts(topics)));
    if (drifts.length === 0) return [{ what, ok: true, found: "topic settings accept and retain all records" }];
    return drifts.map((drift) => ({
      what,
      ok: !drift.harmful,
      found: drift.harmful ? wordsOf(drift) : `warning: ${wordsOf(drift)}`,
      fix: commandOf(drift, kafka.brokers),
    }));
  } catch (error) {
    return [unread(error)];
  }
};
