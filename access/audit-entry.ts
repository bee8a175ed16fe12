import { isDeepStrictEqual } from "node:util";
import { auditIdOf } from "../stores/audit/audit-id.js";
import { type AuditEntry, type AuditState, auditBounds, type Person } from "../stores/audit/audit-log.js";
import { installation, type Target } from "./decide.js";
import { actorOf, type Principal } from "./principal.js";
import { withoutSecrets } from "./without-secrets.js";

export interface AdministrativeChange {
  readonly principal: Principal;
  /** Such as `key.revoke`. */
  readonly action: string;
  /** The tenant whose data changed. */
  readonly tenant: Target;
  /** Such as `key k1`. */
  readonly target: string;
  readonly before: object | null;
  readonly after: object | null;
  readonly requestId: string | null;
  /** Other people whom the change concerns. */
  readonly people?: readonly Person[];
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** The fields of a state that differ from those of the other one, down to the innermost. */
const differing = (state: object | null, other: object | null): AuditState => {
  if (state === null) return null;
  if (other === null) return { ...state };
  const others: Readonly<Record<string, unknown>> = { ...other };
  return Object.fromEntries(
    Object.entries(state).flatMap(([name, value]) => {
      const its = others[name];
      if (isDeepStrictEqual(value, its)) return [];
      return [[name, isFields(value) && isFields(its) ? differing(value, its) : value]];
    }),
  );
};

/** Two states and the rest of an entry fit into its bound. */
const mostStateBytes = auditBounds.entryBytes / 4;

/** The names of fields instead of their values, where these are too long. */
const bounded = (state: AuditState): AuditState => {
  if (state === null || Buffer.byteLength(JSON.stringify(state)) <= mostStateBytes) return state;
  return { tooLong: Object.keys(state).slice(0, 100) };
};

const stateOf = (state: object | null, other: object | null): AuditState => bounded(withoutSecrets(differing(state, other)) as AuditState);

/** People who signed in by themselves. Keys and machines are not people. A subject of an OpenID provider can have the id of a user. */
const personOf = (principal: Principal): readonly Person[] => {
  if (principal.kind === "oidc") return [{ tenant: principal.tenant, id: actorOf(principal) }];
  return principal.kind === "user" ? [{ tenant: principal.tenant, id: principal.user }] : [];
};

/** The entry of a change: only the fields that differ, and no secret. `name`: unique to the change, such as the id of its request. */
export const auditEntryOf = (change: AdministrativeChange, at: Date, name: string): AuditEntry => ({
  id: auditIdOf(at, name),
  actor: actorOf(change.principal),
  action: change.action,
  tenant: change.tenant === installation ? null : change.tenant,
  target: change.target,
  before: stateOf(change.before, change.after),
  after: stateOf(change.after, change.before),
  requestId: change.requestId,
  people: [...personOf(change.principal), ...(change.people ?? [])],
});
