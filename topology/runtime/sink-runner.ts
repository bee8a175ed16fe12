import { CarillonError } from "../../schemas/errors.js";
import type { OutgoingRecord, RecordBatch } from "../../stores/event-log/event-log.js";
import type { SubTopology } from "../builder.js";
import type { BatchSink } from "../stage.js";
import type { HandlerDependencies } from "./record-handler.js";

/** Runs one batch of a sub-topology that ends in a sink: the whole batch in one write, then its offset. */
export const writeBatch = async (
  batch: RecordBatch,
  sink: BatchSink<unknown>,
  sub: SubTopology,
  dependencies: HandlerDependencies,
): Promise<void> => {
  const codec = dependencies.codecs.of(sub.input);
  const values: { value: unknown; partition: number; offset: number }[] = [];
  const dead: OutgoingRecord[] = [];
  for (const record of batch.records) {
    try {
      values.push({ value: await codec.decode(record.value), partition: record.partition, offset: record.offset });
    } catch (thrown) {
      if (!(thrown instanceof CarillonError) || thrown.retryable) throw thrown;
      dead.push(...dependencies.deadLetter(record, "decode", thrown, undefined).outputs);
    }
  }
  await sink.write(values);
  await batch.commit((batch.records.at(-1)?.offset ?? -1) + 1, dead);
};
