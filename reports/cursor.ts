import { z } from "zod";
import type { Filter } from "../stores/lineage-store/lineage-store.js";
import { refusedQuery } from "../stores/lineage-store/query/refused-query.js";

/** A place in a list, newest first: the time and id of a page's last document. */
export interface Position {
  readonly atMs: number;
  readonly id: string;
}

/** The end of a page as text for a URL. */
export const cursorOf = ({ atMs, id }: Position): string => Buffer.from(JSON.stringify([atMs, id])).toString("base64url");

/** The query of the next page: the same query after a cursor, with each of its values separate. */
export const queryOfNextPage = (given: Readonly<Record<string, string | readonly string[]>>, cursor: string): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...given, after: cursor })) {
    if (name === "page") continue;
    for (const one of typeof value === "string" ? [value] : value) query.append(name, one);
  }
  return query.toString();
};

/** Beyond the range of Date. */
const mostMs = 8_640_000_000_000_000;
const cursorShape = z.tuple([z.number().int().min(-mostMs).max(mostMs), z.string()]);

/** Parses a cursor, or the time and id of an export's last row, separated by a comma. `parameter`: where it was given. */
export const positionOf = (cursor: string, parameter: "after" | "cursor" = "after"): Position => {
  const [time, ...id] = cursor.split(",");
  const atMs = Date.parse(time ?? "");
  if (id.length > 0 && !Number.isNaN(atMs)) return { atMs, id: id.join(",") };
  try {
    const [atMs, id] = cursorShape.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return { atMs, id };
  } catch (error) {
    throw refusedQuery(parameter, "is not a valid cursor", "take it from the previous page", error);
  }
};

/** Everything after a position, newest first. */
export const afterPosition = (field: string, { atMs, id }: Position): Filter => {
  const at = new Date(atMs);
  return { [field]: { $lte: at }, $or: [{ [field]: { $lt: at } }, { _id: { $lt: id } }] };
};
