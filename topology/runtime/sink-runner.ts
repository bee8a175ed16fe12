import { CarillonError, stageFailure } from "../../schemas/errors.js";
import type { LogRecord, OutgoingRecord, RecordBatch } from "../../stores/event-log/event-log.js";
import type { SubTopology } from "../builder.js";
import type { BatchSink } from "../stage.js";
import { assertReadable } from "./assert-readable.js";
import type { HandlerDependencies } from "./record-handler.js";
import { withStageDeadline } from "./stage-deadline.js";

interface Decoded {
  readonly record: LogRecord;
  readonly value: unknown;
}

const isRetryable = (thrown: unknown): boolean => thrown instanceof CarillonError && thrown.retryable;

/** Runs one batch of a sub-topology that ends in a sink: the whole batch in one write, then its offset. */
export const writeBatch = async (
  batch: RecordBatch,
  sink: BatchSink<unknown>,
  sub: SubTopology,
  dependencies: HandlerDependencies,
): Promise<void> => {
  const codec = dependencies.codecs.of(sub.input);
  const decoded: Decoded[] = [];
  const dead: OutgoingRecord[] = [];
  const bury = async (record: LogRecord, stage: string, error: CarillonError, value: unknown): Promise<void> => {
    dead.push(...(await dependencies.deadLetter(record, stage, error, value)).outputs);
  };
  const write = (items: readonly Decoded[]): Promise<void> => {
    const written = sink.write(items.map(({ record, value }) => ({ value, partition: record.partition, offset: record.offset })));
    return withStageDeadline(written, dependencies.stageTimeoutMs, dependencies.clock, () => sink.name);
  };

  for (const record of batch.records) {
    try {
      assertReadable(record);
      decoded.push({ record, value: await codec.decode(record.value) });
    } catch (thrown) {
      if (!(thrown instanceof CarillonError) || thrown.retryable) throw thrown;
      await bury(record, "decode", thrown, undefined);
    }
  }
  try {
    await write(decoded);
  } catch (thrown) {
    if (isRetryable(thrown)) throw thrown;
    // something in the batch cannot be written: one by one, so that it holds up nobody else
    for (const item of decoded) {
      await write([item]).catch((error: unknown) => {
        if (isRetryable(error)) throw error;
        return bury(item.record, sink.name, stageFailure(sink.name, error), undefined);
      });
    }
  }
  await batch.commit((batch.records.at(-1)?.offset ?? -1) + 1, dead);
};
