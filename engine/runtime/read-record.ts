import type { Codec } from "../../schemas/codec.js";
import { CarillonError } from "../../schemas/errors.js";
import type { LogRecord } from "../../stores/event-log/event-log.js";
import { assertReadable } from "./assert-readable.js";

/** A record's value, or why it is permanently unreadable. */
export type ReadRecord<T> = { readonly value: T; readonly error?: undefined } | { readonly error: CarillonError };

/** Reads a record outside a stage. Rejects if reading may succeed later. */
export const readRecord = async <T>(record: LogRecord, codec: Pick<Codec<T>, "decode">): Promise<ReadRecord<T>> => {
  try {
    assertReadable(record);
    return { value: await codec.decode(record.value) };
  } catch (thrown) {
    if (!(thrown instanceof CarillonError) || thrown.retryable) throw thrown;
    return { error: thrown };
  }
};
