import type { AuditPage, StoredAuditEntry } from "../../stores/audit/audit-log.js";
import type { Stores } from "../../stores/stores.js";

/** An entry of the audit log as plain data. */
export interface AuditView extends Omit<StoredAuditEntry, "at" | "people"> {
  /** ISO 8601. */
  readonly at: string;
}

const viewOf = ({ people: _, at, ...entry }: StoredAuditEntry): AuditView => ({ ...entry, at: at.toISOString() });

/** A page of the audit log, latest first. `last`: the id to continue before; null on the last page. */
export const listAudit = async ({ audit }: Pick<Stores, "audit">, page: AuditPage) => {
  const found = await audit.page(page);
  return { items: found.map(viewOf), last: found.length < page.limit ? null : (found.at(-1)?.id ?? null) };
};

/** Removes entries that are older than their retention. */
export const forgetAudit = async ({ audit }: Pick<Stores, "audit">, before: Date, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted && (await audit.forget(before)) > 0);
};
