import { decide, installation } from "../../access/decide.js";
import type { Principal } from "../../access/principal.js";

/** The authenticated caller of a request. */
export interface Identity {
  /** The tenant of its messages. */
  readonly tenant: string;
  /** Whether it may see and change data of all tenants. */
  readonly operator: boolean;
  readonly principal: Principal;
}

export const identityFor = (principal: Principal): Identity => ({
  tenant: principal.tenant,
  operator: decide(principal, installation, "operate").allowed,
  principal,
});
