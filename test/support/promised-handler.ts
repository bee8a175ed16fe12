import type { Effects } from "../../engine/runtime/effects.js";
import type { BatchHandler } from "../../engine/runtime/record-handler.js";
import type { LogRecord } from "../../stores/event-log/event-log.js";

/** Handles each record of a batch with a promise. */
export const promisedHandler =
  (handle: (record: LogRecord, signal: AbortSignal) => Promise<Effects>): BatchHandler =>
  (signal, { done, failed, turned }) => ({
    begin: (record, index) => {
      handle(record, signal)
        .then(
          (effects) => done(index, effects),
          (error: unknown) => failed(index, error),
        )
        .then(turned);
    },
    flush: () => undefined,
    close: () => undefined,
  });
