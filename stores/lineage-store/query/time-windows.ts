import type { CollectionName, DocumentOf, Filter, QueryOptions } from "../lineage-store.js";
import { planOf } from "../lmdb/plan.js";

const firstWindowMs = 6 * 3_600_000;
const factor = 8;
/** The last window covers all earlier time. */
const mostWindows = 4;

/** Whether the query asks for pages of the latest documents without a condition that an index serves directly. */
const goesByTime = (collection: CollectionName, filter: Filter, { sort, skip = 0 }: QueryOptions): boolean => {
  const [first, second, ...more] = Object.entries(sort ?? {});
  const newestFirst =
    first?.[0] === "acceptedAt" && first[1] === -1 && (!second || (second[0] === "_id" && second[1] === -1)) && more.length === 0;
  if (!collection.startsWith("messages_") || !newestFirst || skip > 0) return false;
  const plan = planOf(filter);
  return plan.kind === "index" && plan.index !== "to" && plan.index !== "open";
};

type Ask<Name extends CollectionName> = (filter: Filter, options: QueryOptions) => Promise<readonly DocumentOf<Name>[]>;

/**
 * Queries the latest documents in growing spans of time, so that no server has to scan all of them, whatever its query plan. The next span
 * is queried only if the previous ones did not fill the page.
 */
export const byTimeWindows = async <Name extends CollectionName>(
  collection: Name,
  filter: Filter,
  options: QueryOptions & { readonly limit: number },
  nowMs: number,
  ask: Ask<Name>,
): Promise<readonly DocumentOf<Name>[]> => {
  const plan = planOf(filter);
  if (!goesByTime(collection, filter, options) || plan.kind !== "index") return ask(filter, options);
  const { fromMs, endMs } = plan.span;
  const found: DocumentOf<Name>[] = [];
  // a wrong clock may have dated documents into the future: the first span has no end
  let upperMs: number | undefined;
  let lowerMs = Math.min(endMs, nowMs);
  for (let window = 0, spanMs = firstWindowMs; window < mostWindows && found.length < options.limit; window += 1, spanMs *= factor) {
    lowerMs = window === mostWindows - 1 ? Number.NEGATIVE_INFINITY : lowerMs - spanMs;
    const acceptedAt = {
      ...(lowerMs > fromMs ? { $gte: new Date(lowerMs) } : {}),
      ...(upperMs === undefined ? {} : { $lt: new Date(upperMs) }),
    };
    const own = Object.keys(acceptedAt).length === 0 ? filter : { $and: [filter, { acceptedAt }] };
    found.push(...(await ask(own, { ...options, limit: options.limit - found.length })));
    if (lowerMs <= fromMs) break;
    upperMs = lowerMs;
  }
  return found;
};
