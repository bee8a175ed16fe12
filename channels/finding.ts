import type { Reason } from "../schemas/reasons.js";

/** Something wrong, or worth knowing, about one field. */
export interface Finding {
  readonly field: string;
  readonly reason: Reason;
  readonly problem: string;
  readonly fix: string;
}
