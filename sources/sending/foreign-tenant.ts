import { forbidden, type Refused } from "./refused.js";

/** The refusal of a message that names another tenant than the sender's own. */
export const foreignTenant = (own: string): Refused =>
  forbidden(
    { field: "tenant", reason: "invalid_request", problem: "does not match the tenant of the key", fix: "leave it out" },
    `the key belongs to the tenant ${own}`,
  );
