import { type CarillonError, messageOf } from "../../schemas/errors.js";
import type { DeadLetter } from "../../schemas/generated.js";
import type { LogRecord } from "../../stores/event-log/event-log.js";

/** A record that no stage could process, with its original bytes. */
export const deadLetterOf = (record: LogRecord, stage: string, error: CarillonError, instance: string, nowMs: number): DeadLetter => ({
  deadLetterId: `${record.topic}/${record.partition}/${record.offset}`,
  topic: record.topic,
  partition: record.partition,
  offset: record.offset,
  key: record.key,
  value: record.value,
  headers: record.headers,
  timestamp: record.timestampMs,
  stage,
  errorCode: error.code,
  errorMessage: error.fix ? `${messageOf(error)} (${error.fix})` : messageOf(error),
  at: nowMs,
  instance,
});
