import { createHash } from "node:crypto";
import type { z } from "zod";
import { CarillonError } from "../schemas/errors.js";

/** The list that a cursor belongs to: its kind, its tenant, and what else selects it. */
export type CursorScope = readonly [kind: string, tenant: string, ...rest: readonly string[]];

const mostCharacters = 2_000;

/** A short name of a list. A cursor is not a secret: it only says where to continue in a list that its caller may read. */
const scopeMark = (scope: CursorScope): string => createHash("sha256").update(JSON.stringify(scope)).digest("base64url").slice(0, 12);

/** The end of a page as opaque text for a URL. */
export const cursorOf = (scope: CursorScope, place: unknown): string =>
  Buffer.from(JSON.stringify([scopeMark(scope), place])).toString("base64url");

const read = (cursor: string): unknown => {
  if (cursor.length > mostCharacters || !/^[\w-]+$/.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
};

/** The place in a cursor. Throws INPUT_INVALID for one of another list, or that no page had. */
export const placeOf = <Place>(scope: CursorScope, cursor: string, shape: z.ZodType<Place>): Place => {
  const found = read(cursor);
  const [mark, place] = Array.isArray(found) && found.length === 2 ? found : [];
  const parsed = shape.safeParse(place);
  if (mark === scopeMark(scope) && parsed.success) return parsed.data;
  const problem =
    mark !== undefined && mark !== scopeMark(scope) && typeof mark === "string" ? "belongs to another list" : "is not a valid cursor";
  throw new CarillonError("INPUT_INVALID", problem, { field: "cursor", fix: "take it from the page before, of the same list" });
};
