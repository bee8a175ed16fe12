import { CarillonError } from "../../schemas/errors.js";
import type { LogRecord, OutgoingRecord, RecordBatch } from "../../stores/event-log/event-log.js";
import type { BatchDependencies, BatchOptions } from "./batch-options.js";
import { BatchProgress } from "./batch-progress.js";
import { startDrain } from "./drain-deadline.js";
import type { Effects } from "./effects.js";
import { createKeyQueue, type KeyQueue } from "./key-queue.js";
import type { RecordsInHand } from "./record-handler.js";
import { Refusals } from "./refusals.js";
import { settle } from "./settle.js";
import { untilOut } from "./until-out.js";

const isRefusal = (error: unknown): error is CarillonError => error instanceof CarillonError && error.code === "RECORD_REFUSED";

class BatchRun {
  private readonly progress: BatchProgress;
  private readonly queue: KeyQueue;
  /** Aborts when the run ends. After that, nothing is sent. */
  private readonly ended = new AbortController();
  /** Aborts when the partition may belong to another worker. */
  private readonly gaveUp = new AbortController();
  private readonly over = new AbortController();
  private readonly transactional: boolean;
  private readonly refusals: Refusals;
  private failure: { readonly error: unknown } | undefined;
  private running = 0;
  private committed = 0;
  private lastCommitMs: number;
  private flushing: Promise<void> | undefined;
  private flushAgain = false;
  private readonly hand: RecordsInHand;
  /** Whether records have ended since outputs were last sent. */
  private finished = false;
  private resolveIdle: () => void = () => undefined;

  constructor(
    private readonly batch: RecordBatch,
    private readonly options: BatchOptions,
    private readonly dependencies: BatchDependencies,
  ) {
    this.progress = new BatchProgress(batch.records.length);
    this.queue = createKeyQueue(batch.records);
    this.transactional = options.guarantee === "exactly_once";
    this.refusals = dependencies.refusals ?? new Refusals();
    this.lastCommitMs = dependencies.clock.now();
    this.hand = dependencies.handle(batch.signal, {
      done: (index, effects) => this.done(index, effects),
      failed: (_, error) => this.failed(error),
      turned: () => this.startMore(),
    });
  }

  async run(): Promise<void> {
    const { batch, options } = this;
    if (options.guarantee === "at_most_once") await batch.commit(this.offsetAfter(batch.records.length), []);
    const drain = (): void => this.giveUpDraining();
    batch.signal.addEventListener("abort", drain, { once: true });
    try {
      if (batch.signal.aborted) drain();
      void this.flushNowAndThen();
      await new Promise<void>((resolve) => {
        this.resolveIdle = resolve;
        this.startMore();
      });
    } finally {
      batch.signal.removeEventListener("abort", drain);
      this.ended.abort();
      this.hand.close();
      await this.flushing;
      await this.flush(true).finally(() => this.over.abort());
    }
    if (this.failure) throw this.failure.error;
  }

  private offsetAfter(count: number): number {
    const { records } = this.batch;
    return count === 0 ? (records[0]?.offset ?? 0) : (records[count - 1]?.offset ?? 0) + 1;
  }

  private startMore(): void {
    const { concurrency, limit } = this.options;
    const most = limit ? Math.max(1, limit(concurrency)) : concurrency;
    // records committed in advance belong to no other worker, so all of them are drained
    const mayStart = !this.batch.signal.aborted || this.options.guarantee === "at_most_once";
    while (this.running < most && mayStart && !this.failure) {
      const index = this.queue.take();
      if (index === undefined) break;
      this.start(index);
    }
    this.hand.flush();
    if (this.finished) {
      this.finished = false;
      this.batch.progress();
      this.flushSoon();
    }
    if (this.running === 0) this.resolveIdle();
  }

  private start(index: number): void {
    const record = this.batch.records[index];
    if (!record) return;
    this.running += 1;
    const refusal = this.refusals.of(record);
    if (!refusal) {
      this.hand.begin(record, index);
      return;
    }
    this.bury(record, refusal).then(
      (effects) => {
        this.done(index, effects);
        this.startMore();
      },
      (error: unknown) => {
        this.failed(error);
        this.startMore();
      },
    );
  }

  private done(index: number, effects: Effects): void {
    this.running -= 1;
    if (this.ended.signal.aborted) return;
    this.progress.finish(index, effects);
    this.queue.done(index);
    this.finished = true;
  }

  private failed(error: unknown): void {
    this.running -= 1;
    this.failure ??= { error };
  }

  private giveUpDraining(): void {
    const cancel = startDrain(this.options, this.dependencies.clock, () => {
      this.gaveUp.abort();
      this.resolveIdle();
    });
    this.over.signal.addEventListener("abort", cancel, { once: true });
  }

  /** A slow record must not delay other records that are done. */
  private async flushNowAndThen(): Promise<void> {
    while (!this.ended.signal.aborted) {
      await this.dependencies.clock.sleep(this.options.commitEveryMs, this.ended.signal);
      if (!this.ended.signal.aborted) this.flushSoon();
    }
  }

  private append(outputs: readonly OutgoingRecord[]): Promise<void> {
    const { batch, options, dependencies, gaveUp } = this;
    // records committed in advance are not redelivered
    const persists = options.guarantee === "at_most_once";
    return untilOut(
      () => batch.append(outputs),
      (error) => persists && !isRefusal(error),
      dependencies.clock,
      gaveUp.signal,
    ).then(batch.progress);
  }

  private bury(record: LogRecord, error: CarillonError): Promise<Effects> {
    const { bury } = this.dependencies;
    return bury ? bury(record, error) : Promise.reject(error);
  }

  /** Appends the outputs of several records one by one after the log has refused one permanently, so that it delays none of the others. */
  private async appendSingly(indexes: readonly number[]): Promise<void> {
    for (const index of indexes) {
      const [record] = this.batch.records.slice(index, index + 1);
      const outputs = this.progress.effectsOf([index]).flatMap((effects) => effects.outputs);
      try {
        if (outputs.length > 0) await this.append(outputs);
      } catch (error) {
        if (!record || !isRefusal(error)) throw error;
        await this.append(await settle([await this.bury(record, error)], this.dependencies.timers));
      }
    }
  }

  /** Commits finished records up to the first gap. Each record that the log has refused gets its own transaction. */
  private async commitOutputs(done: readonly number[]): Promise<void> {
    const { batch, progress, dependencies } = this;
    const records = batch.records.slice(this.committed, this.committed + done.length);
    const taken = done.slice(0, this.refusals.limit(records));
    const outputs = await settle(progress.effectsOf(taken), dependencies.timers);
    if (taken.length === 0) return;
    const share = records.slice(0, taken.length);
    try {
      await batch.commit(this.offsetAfter(this.committed + taken.length), outputs);
    } catch (error) {
      if (isRefusal(error)) this.refusals.note(share, error);
      throw error;
    }
    for (const record of share) this.refusals.forget(record);
    this.committed = progress.markOut(taken);
    this.lastCommitMs = dependencies.clock.now();
    batch.progress();
    if (taken.length < done.length) await this.commitOutputs(done.slice(taken.length));
  }

  private flushSoon(): void {
    if (this.flushing) {
      this.flushAgain = true;
      return;
    }
    this.flushAgain = false;
    this.flushing = Promise.resolve()
      .then(() => this.flush(false))
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.flushing = undefined;
        if (this.flushAgain && !this.ended.signal.aborted) this.flushSoon();
      });
  }

  private async flush(final: boolean): Promise<void> {
    const { batch, options, progress, dependencies } = this;
    const due = final || dependencies.clock.now() - this.lastCommitMs >= options.commitEveryMs;
    if (this.transactional && !due) return;
    const taken = progress.take(this.transactional);
    if (taken.length === 0 && !due) return;
    if (this.transactional) return this.commitOutputs(taken);
    const outputs = await settle(progress.effectsOf(taken), dependencies.timers);
    try {
      if (outputs.length > 0) await this.append(outputs);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.appendSingly(taken);
    }
    const prefix = progress.markOut(taken);
    if (options.guarantee === "at_most_once" || !due || prefix === this.committed) return;
    await batch.commit(this.offsetAfter(prefix), []);
    this.committed = prefix;
    this.lastCommitMs = dependencies.clock.now();
  }
}

/**
 * Runs one batch: bounded concurrency, in order per key. Outputs are sent as they come; an offset is committed only when everything before
 * it is done. Once the signal aborts, it starts nothing more, drains within its bound, and then sends nothing.
 */
export const runBatch = async (batch: RecordBatch, options: BatchOptions, dependencies: BatchDependencies): Promise<void> => {
  if (batch.records.length === 0) return;
  if (options.guarantee !== "at_most_once") return new BatchRun(batch, options, dependencies).run();
  // records committed in advance may be lost, so their number is limited to the concurrency
  for (let start = 0; start < batch.records.length && !batch.signal.aborted; start += options.concurrency)
    await new BatchRun({ ...batch, records: batch.records.slice(start, start + options.concurrency) }, options, dependencies).run();
};
