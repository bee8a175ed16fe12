import type { AuditLog, AuditState } from "../audit/audit-log.js";
import type { KeyRing } from "./key-ring.js";

/** The field that holds a whole state, sealed as JSON. */
const sealedField = "sealed";

const seal = (ring: KeyRing, state: AuditState): AuditState =>
  state === null || ring.activePrefix === undefined ? state : { [sealedField]: ring.sealText(JSON.stringify(state)) };

/** A state that no key opens must not make the page unreadable. It is returned as stored. */
const open = (ring: KeyRing, state: AuditState): AuditState => {
  const sealed = state?.[sealedField];
  if (typeof sealed !== "string") return state;
  try {
    return JSON.parse(ring.openText(sealed)) as AuditState;
  } catch {
    return state;
  }
};

/** An audit log that seals the states of targets, because they can contain addresses. Who changed what stays readable. */
export const sealedAuditLog = (audit: AuditLog, ring: KeyRing): AuditLog => ({
  ...audit,
  record: (entries) =>
    audit.record(entries.map((entry) => ({ ...entry, before: seal(ring, entry.before), after: seal(ring, entry.after) }))),
  page: async (page) =>
    (await audit.page(page)).map((entry) => ({ ...entry, before: open(ring, entry.before), after: open(ring, entry.after) })),
});
