import type { CollectionName, DocumentOf, Filter, LineageReader } from "../../stores/lineage-store/lineage-store.js";
import { cursorOf, positionOf } from "../cursor.js";

const pageSize = 1_000;

export interface ExportQuestion<Name extends CollectionName> {
  readonly collection: Name;
  readonly filter: Filter;
  /** Continues after this cursor. */
  readonly after?: string | undefined;
  /** Excludes documents accepted (or begun) later, so that a long export ends. */
  readonly before: Date;
  /** Whether messages include their steps. */
  readonly lineage: boolean;
}

export interface ExportPage<Name extends CollectionName> {
  readonly documents: readonly DocumentOf<Name>[];
  /** Cursor of the next page. */
  readonly cursor: string;
}

/** Reads all matches, oldest first, page by page. Each document occurs once, whatever is written meanwhile. */
export const exportPages = async function* <Name extends CollectionName>(
  reader: Pick<LineageReader, "query">,
  { collection, filter, after, before, lineage }: ExportQuestion<Name>,
): AsyncGenerator<ExportPage<Name>> {
  const field = collection.startsWith("messages_") ? "acceptedAt" : "from";
  let cursor = after;
  for (;;) {
    const position = cursor === undefined ? undefined : positionOf(cursor);
    const at = position && new Date(position.atMs);
    const further = position ? [{ [field]: { $gte: at }, $or: [{ [field]: { $gt: at } }, { _id: { $gt: position.id } }] }] : [];
    const documents = await reader.query(
      collection,
      { $and: [filter, { [field]: { $lt: before } }, ...further] },
      { sort: { [field]: 1, _id: 1 }, limit: pageSize, ...(lineage || field === "from" ? {} : { keys: { lineage: 0 as const } }) },
    );
    const last = documents.at(-1) as (Record<string, unknown> & { readonly _id: string }) | undefined;
    if (!last) return;
    cursor = cursorOf({ atMs: (last[field] as Date).getTime(), id: last._id });
    yield { documents, cursor };
    if (documents.length < pageSize) return;
  }
};
