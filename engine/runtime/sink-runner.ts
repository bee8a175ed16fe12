import type { Codec } from "../../schemas/codec.js";
import { CarillonError, stageFailure } from "../../schemas/errors.js";
import type { LogRecord, OutgoingRecord, RecordBatch } from "../../stores/event-log/event-log.js";
import type { Timer, Timers } from "../../stores/timers/timers.js";
import type { SubTopology } from "../builder.js";
import type { BatchSink } from "../stage.js";
import { withDrainDeadline } from "./drain-deadline.js";
import { handBackOf } from "./hand-back.js";
import { readRecord } from "./read-record.js";
import type { HandlerDependencies } from "./record-handler.js";
import { decodeStage, withStageDeadline } from "./stage-deadline.js";

interface Decoded {
  readonly record: LogRecord;
  readonly value: unknown;
}

type SinkDependencies = HandlerDependencies & { readonly timers: Pick<Timers, "schedule"> };

const isRetryable = (thrown: unknown): boolean => thrown instanceof CarillonError && thrown.retryable;

/** Effects of a batch's records that are not written: dead letters, and timers that put back records for a later version. */
class Leftovers {
  readonly dead: OutgoingRecord[] = [];
  readonly back: Timer[] = [];

  constructor(private readonly dependencies: SinkDependencies) {}

  async add(record: LogRecord, stage: string, error: CarillonError): Promise<void> {
    const timer = handBackOf(record, error, this.dependencies);
    if (timer) this.back.push(timer);
    else this.dead.push(...(await this.dependencies.deadLetter(record, stage, error, undefined)).outputs);
  }
}

/** Why a sink refuses a record. Rejects if that cannot be decided now. */
const refusalOf = async (check: Promise<void>, sink: string): Promise<CarillonError | undefined> => {
  try {
    await check;
    return undefined;
  } catch (thrown) {
    if (isRetryable(thrown)) throw thrown;
    return stageFailure(sink, thrown);
  }
};

const decodeAll = async (
  { records, progress }: Pick<RecordBatch, "records" | "progress">,
  codec: Codec<unknown>,
  sink: BatchSink<unknown>,
  leftovers: Leftovers,
): Promise<Decoded[]> => {
  const decoded: Decoded[] = [];
  for (const record of records) {
    const read = await readRecord(record, codec);
    const check = read.error ? undefined : sink.check?.(read.value);
    const refusal = check && (await refusalOf(check, sink.name));
    if (read.error) await leftovers.add(record, decodeStage, read.error);
    else if (refusal) await leftovers.add(record, sink.name, refusal);
    else decoded.push({ record, value: read.value });
    progress();
  }
  return decoded;
};

/**
 * Runs one batch of a sub-topology that ends in a sink: one write for the whole batch, then its offset. Rejects if the write does not end
 * within `drainMs` of a stop. The batch is then not committed, and is redelivered.
 */
export const writeBatch = async (
  batch: RecordBatch,
  sink: BatchSink<unknown>,
  sub: SubTopology,
  dependencies: SinkDependencies,
  drainMs: number,
): Promise<void> => {
  const { timers, clock, stageTimeoutMs, codecs } = dependencies;
  const leftovers = new Leftovers(dependencies);
  const write = (items: readonly Decoded[]): Promise<void> => {
    const written = sink.write(items.map(({ record, value }) => ({ value, partition: record.partition, offset: record.offset })));
    const { signal } = batch;
    const drained = withDrainDeadline(written, { signal, drainMs, clock, what: sink.name });
    return withStageDeadline(drained, stageTimeoutMs, clock, sink.name);
  };
  const decoded = await decodeAll(batch, codecs.of(sub.input), sink, leftovers);
  try {
    await write(decoded);
  } catch (thrown) {
    if (isRetryable(thrown)) throw thrown;
    // something in the batch cannot be written: records are written one by one, so that it delays no others
    for (const item of decoded) {
      batch.progress();
      await write([item]).catch((error: unknown) => {
        if (isRetryable(error)) throw error;
        return leftovers.add(item.record, sink.name, stageFailure(sink.name, error));
      });
    }
  }
  batch.progress();
  if (leftovers.back.length > 0) await timers.schedule(leftovers.back);
  await batch.commit((batch.records.at(-1)?.offset ?? -1) + 1, leftovers.dead);
};
