import { CarillonError } from "../schemas/errors.js";

/**
 * The ids that tenants choose, as parts of keys. A key of LMDB or MongoDB is made of several ids, so an id must not be able to end early and
 * continue as the next part. LMDB's encoding of keys (ordered-binary) escapes NUL only in strings below 64 characters, and PostgreSQL below a
 * MongoDB-compatible server ends texts at NUL.
 */

/** Most bytes of an id in UTF-8. Escaping triples an id at most, and three such ids fit into a key of LMDB (1,978 bytes). */
export const mostIdBytes = { tenant: 128, group: 128, app: 128, user: 256 } as const;

/** The separator of parts in a text key. No part contains it. */
export const keySeparator = "\n";
/** Sorts directly after the separator, so it ends the range of keys with the same first parts. */
export const keyEnd = "\u000b";

/** The id without control characters and spaces. Keeps the order of ids by their UTF-8 bytes. */
export const keyOfId = (id: string): string =>
  id.replace(/[\0-\x20]/g, (character) => ` ${character.charCodeAt(0).toString(16).padStart(2, "0")}`);

export const idOfKey = (key: string): string => key.replace(/ ([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`)));

/** A text key of several ids. */
export const textKeyOf = (...ids: readonly string[]): string => ids.map(keyOfId).join(keySeparator);

export const idsOfTextKey = (key: string): readonly string[] => key.split(keySeparator).map(idOfKey);

type IdKind = keyof typeof mostIdBytes;

/** Why a store cannot keep an id: empty, too long, or with half a surrogate pair, which UTF-8 cannot express. Undefined: it can. */
const idProblem = (kind: IdKind, id: string): string | undefined => {
  if (id === "") return "is empty";
  if (Buffer.byteLength(id) > mostIdBytes[kind]) return `is longer than ${mostIdBytes[kind]} bytes`;
  return /\p{Surrogate}/u.test(id) ? "is not valid Unicode" : undefined;
};

/** Whether a store can keep an id. Nothing has another one. */
export const isStorableId = (kind: IdKind, id: string): boolean => idProblem(kind, id) === undefined;

/** Throws INPUT_INVALID for an id that a store cannot keep. */
export const assertIds = (ids: Readonly<Partial<Record<IdKind, string | null | undefined>>>): void => {
  for (const [kind, id] of Object.entries(ids)) {
    const problem = id === null || id === undefined ? undefined : idProblem(kind as IdKind, id);
    if (problem !== undefined) throw new CarillonError("INPUT_INVALID", `a ${kind} id ${problem}`);
  }
};
