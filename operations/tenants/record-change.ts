import { type AdministrativeChange, auditEntryOf } from "../../access/audit-entry.js";
import type { Principal } from "../../access/principal.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import type { Stores } from "../../stores/stores.js";

/** Who makes a change, by which request. */
export interface Author {
  readonly principal: Principal;
  readonly requestId: string;
}

export interface RecordTools {
  readonly stores: Pick<Stores, "audit">;
  readonly clock: Pick<Clock, "now">;
}

export type Change = Omit<AdministrativeChange, "principal" | "requestId">;

/** Records a change that was made. It is recorded again if the store fails, because the change stands. Rejects UNAVAILABLE. */
export const recordChange = async ({ stores, clock }: RecordTools, change: Change, by: Author): Promise<void> => {
  const entry = auditEntryOf({ ...change, ...by }, new Date(clock.now()), by.requestId);
  const attempt = (): Promise<void> => stores.audit.record([entry]);
  await attempt()
    .catch(attempt)
    .catch((cause: unknown) => {
      throw new CarillonError("UNAVAILABLE", `${change.action} of ${change.target} was made, but could not be recorded in the audit log`, {
        cause,
        publicWords: "the change was made, but could not be recorded in the audit log",
      });
    });
};
