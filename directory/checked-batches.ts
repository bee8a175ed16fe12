import type { Finding } from "../channels/finding.js";
import { type Checked, isValid } from "../client/check-input.js";
import type { FailedLines } from "./failed-lines.js";
import type { Entry } from "./read-entries.js";

export interface Placed<Value> {
  readonly line: number;
  readonly value: Value;
}

/** Valid items. Every line up to `upToLine` is in this batch, in an earlier one, or among the failed lines. */
export interface Batch<Value> {
  readonly items: readonly Placed<Value>[];
  readonly upToLine: number;
}

export interface BatchRules<Value> {
  readonly check: (input: unknown) => Checked<Value>;
  /** Items with the same key are never in one batch, so that the later one counts. */
  readonly keyOf: (value: Value) => string;
}

/** A batch is what a store takes in one call, and its text stays below a few megabytes. */
const most = { items: 1_000, bytes: 4 * 1_048_576 } as const;

const checkedEntry = <Value>(entry: Entry, check: BatchRules<Value>["check"]): Checked<Value> =>
  "problem" in entry ? { errors: [entry.problem] } : check(entry.input);

/** Divides a list into batches of valid items. An error of the list comes after the batch of the items before it. */
export async function* checkedBatches<Value>(
  entries: AsyncIterable<Entry>,
  { check, keyOf }: BatchRules<Value>,
  failed: FailedLines,
): AsyncGenerator<Batch<Value>> {
  let items: Placed<Value>[] = [];
  let keys = new Set<string>();
  let [bytes, upToLine] = [0, 0];
  const take = (): Batch<Value> => {
    const batch = { items, upToLine };
    [items, keys, bytes] = [[], new Set(), 0];
    return batch;
  };
  try {
    for await (const entry of entries) {
      const checked = checkedEntry(entry, check);
      if (isValid(checked)) {
        const key = keyOf(checked.value);
        if (keys.has(key) || items.length >= most.items || bytes >= most.bytes) yield take();
        items.push({ line: entry.line, value: checked.value });
        keys.add(key);
        bytes += entry.bytes;
      } else failed.add(entry.line, checked.errors);
      upToLine = entry.line;
    }
  } catch (error) {
    yield take();
    throw error;
  }
  yield take();
}

/** The items that a second check accepts. `verify`: errors of each item, in their order. */
export const verifiedItems = async <Value>(
  items: readonly Placed<Value>[],
  verify: (values: readonly Value[]) => Promise<readonly (readonly Finding[])[]>,
  failed: FailedLines,
): Promise<readonly Placed<Value>[]> => {
  if (items.length === 0) return items;
  const errors = await verify(items.map(({ value }) => value));
  return items.filter(({ line }, index) => {
    const own = errors[index] ?? [];
    if (own.length > 0) failed.add(line, own);
    return own.length === 0;
  });
};
