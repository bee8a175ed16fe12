import type { Finding } from "../channels/finding.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { type Batch, type BatchRules, checkedBatches, verifiedItems } from "./checked-batches.js";
import { createFailedLines, type FailedLine, type FailedLines } from "./failed-lines.js";
import type { Entry } from "./read-entries.js";
import { openSpool, type Spool, type SpoolOptions } from "./spool.js";

/** What becomes of the valid lines of a list with faulty ones: they are stored, or nothing is. */
export type OnError = "skip" | "refuse";

export interface ImportProgress {
  readonly imported: number;
  readonly failed: number;
  readonly upToLine: number;
}

export interface ImportOptions {
  /** Default: skip. */
  readonly onError?: OnError;
  readonly spool: SpoolOptions;
  /** Called after each batch. */
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface ImportReport {
  /**
   * `complete`: every line was imported or failed. `refused`: a line failed, and nothing was stored. `interrupted`: the upload broke off,
   * or the store failed. Continue after `upToLine`: a line may be imported again.
   */
  readonly state: "complete" | "refused" | "interrupted";
  readonly imported: number;
  /** The first failed lines. */
  readonly failed: readonly FailedLine[];
  /** Number of all failed lines. */
  readonly failedCount: number;
  /** Every line up to this one was imported or failed; 0 if nothing was stored. */
  readonly upToLine: number;
  /** Why it was interrupted. */
  readonly error: CarillonError | undefined;
}

export interface ImportWork<Value> extends BatchRules<Value> {
  readonly entries: AsyncIterable<Entry>;
  /** Errors of valid items that only the store knows, in the order of the items. */
  readonly verify?: (values: readonly Value[]) => Promise<readonly (readonly Finding[])[]>;
  /** Stores the items durably. It may be repeated. */
  readonly store: (values: readonly Value[]) => Promise<void>;
}

interface Tally {
  imported: number;
  upToLine: number;
  readonly failed: FailedLines;
}

const reportOf = (state: ImportReport["state"], { imported, upToLine, failed }: Tally, error?: unknown): ImportReport => ({
  state,
  imported,
  failed: failed.listed(),
  failedCount: failed.count(),
  upToLine,
  error:
    error === undefined || error instanceof CarillonError
      ? error
      : new CarillonError("INPUT_INVALID", `the upload broke off: ${messageOf(error)}`, {
          cause: error,
          fix: "send the lines after the last imported one again",
          publicWords: "the upload broke off",
        }),
});

const storeBatch = async <Value>(
  { items, upToLine }: Batch<Value>,
  { store }: Pick<ImportWork<Value>, "store">,
  tally: Tally,
  { onProgress }: Pick<ImportOptions, "onProgress">,
): Promise<void> => {
  if (items.length > 0) await store(items.map(({ value }) => value));
  tally.imported += items.length;
  tally.upToLine = upToLine;
  onProgress?.({ imported: tally.imported, failed: tally.failed.count(), upToLine });
};

const verifiedBatches = async function* <Value>(work: ImportWork<Value>, failed: FailedLines): AsyncGenerator<Batch<Value>> {
  const { verify } = work;
  for await (const batch of checkedBatches(work.entries, work, failed))
    yield verify ? { ...batch, items: await verifiedItems(batch.items, verify, failed) } : batch;
};

/** Checks the whole list before the first line is stored. */
const importWhole = async <Value>(work: ImportWork<Value>, spool: Spool, tally: Tally, options: ImportOptions): Promise<ImportReport> => {
  for await (const batch of verifiedBatches(work, tally.failed)) {
    if (tally.failed.count() === 0) await spool.write(JSON.stringify(batch));
    options.onProgress?.({ imported: 0, failed: tally.failed.count(), upToLine: 0 });
  }
  if (tally.failed.count() > 0) return reportOf("refused", tally);
  for await (const line of spool.read()) await storeBatch(JSON.parse(line) as Batch<Value>, work, tally, options);
  return reportOf("complete", tally);
};

/**
 * Imports a list. Memory does not grow with its length: a batch is stored before the next one is read. No line is stored in part, and the
 * report says how far an interrupted import came.
 */
export const importList = async <Value>(work: ImportWork<Value>, options: ImportOptions): Promise<ImportReport> => {
  const tally: Tally = { imported: 0, upToLine: 0, failed: createFailedLines() };
  let spool: Spool | undefined;
  try {
    if (options.onError === "refuse") {
      spool = await openSpool(options.spool);
      return await importWhole(work, spool, tally, options);
    }
    for await (const batch of verifiedBatches(work, tally.failed)) await storeBatch(batch, work, tally, options);
    return reportOf("complete", tally);
  } catch (error) {
    return reportOf("interrupted", tally, error);
  } finally {
    await spool?.close();
  }
};
