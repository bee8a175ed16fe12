import { type CarillonError, messageOf } from "../../schemas/errors.js";
import type { DeadLetter } from "../../schemas/generated.js";
import type { LogRecord } from "../../stores/event-log/event-log.js";

/** Most bytes of a record in its dead letter: the topic's limit minus the space for the description. */
export const mostLetterBytes = 2 * 1_048_576 - 65_536;

const sizeOf = ({ key, value, headers }: LogRecord): number =>
  Object.entries(headers).reduce((sum, [name, header]) => sum + name.length + header.length, (key?.length ?? 0) + (value?.length ?? 0));

/** The dead letter of a record, with its original bytes. */
export const deadLetterOf = (record: LogRecord, stage: string, error: CarillonError, instance: string, nowMs: number): DeadLetter => {
  const size = sizeOf(record);
  if (size <= mostLetterBytes) return letterOf(record, stage, error, instance, nowMs);
  const letter = letterOf({ ...record, key: null, value: null, headers: {} }, stage, error, instance, nowMs);
  return {
    ...letter,
    errorMessage: `${letter.errorMessage} (its ${size} bytes exceed the limit of a dead letter; read the original from the topic before its retention ends)`,
  };
};

const letterOf = (record: LogRecord, stage: string, error: CarillonError, instance: string, nowMs: number): DeadLetter => ({
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
