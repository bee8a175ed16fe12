import { createHash } from "node:crypto";
import { z } from "zod";
import { CarillonError } from "../../schemas/errors.js";
import { assertIds } from "../id-keys.js";
import { isAuditId, timeOfAuditId } from "./audit-id.js";
import { type AuditEntry, type AuditPage, auditBounds, type Person, type StoredAuditEntry } from "./audit-log.js";

const invalid = (field: string, problem: string): CarillonError => new CarillonError("INPUT_INVALID", problem, { field });

/** Throws INPUT_INVALID for entries that no adapter may store. */
export const assertEntries = (entries: readonly AuditEntry[]): void => {
  if (entries.length > auditBounds.batch) throw invalid("entries", `are more than ${auditBounds.batch}`);
  for (const entry of entries) {
    if (!isAuditId(entry.id)) throw invalid("id", "does not begin with a time: make it with auditIdOf");
    assertIds({ tenant: entry.tenant });
    if (Buffer.byteLength(JSON.stringify(entry)) > auditBounds.entryBytes)
      throw invalid("entry", `has more than ${auditBounds.entryBytes} bytes: record the changed fields only`);
  }
};

/** Throws INPUT_INVALID. */
export const assertAuditPage = ({ tenant, before, limit }: AuditPage): void => {
  assertIds({ tenant });
  if (before !== undefined && !isAuditId(before)) throw invalid("cursor", "is not the id of an entry");
  if (!Number.isInteger(limit) || limit < 1 || limit > auditBounds.batch)
    throw invalid("limit", `is not between 1 and ${auditBounds.batch}`);
};

/** A short name of a person, for keys: ids can be longer than keys. */
export const nameOfPerson = ({ tenant, id }: Person): string =>
  createHash("sha256")
    .update(JSON.stringify([tenant, id]))
    .digest("base64url");

export const peopleOf = ({ people }: AuditEntry): readonly string[] => [...new Set(people.map(nameOfPerson))];

/** What remains of an entry once a person was erased from it: that there was a change, of what kind and when. */
export const erasedFields = { actor: "erased", target: "erased", before: null, after: null, people: [], erased: true } as const;

const state = z.record(z.string(), z.unknown()).nullable();
const entrySchema = z.object({
  id: z.string().refine(isAuditId),
  actor: z.string(),
  action: z.string(),
  tenant: z.string().nullable(),
  target: z.string(),
  before: state,
  after: state,
  requestId: z.string().nullable(),
  people: z.array(z.object({ tenant: z.string().nullable(), id: z.string() })),
  erased: z.boolean().default(false),
});

/** The entry as stored. Throws STORE_DAMAGED, which names the fields but not their values. */
export const readEntry = (stored: unknown): StoredAuditEntry => {
  const read = entrySchema.safeParse(stored);
  if (read.success) return { ...read.data, at: timeOfAuditId(read.data.id) };
  const faults = read.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new CarillonError("STORE_DAMAGED", `an entry of the audit log has another shape: ${faults}`, { fix: "restore a backup" });
};
