import type { Reason } from "../schemas/reasons.js";

/** An error or a warning about one field. */
export interface Finding {
  readonly field: string;
  readonly reason: Reason;
  readonly problem: string;
  readonly fix: string;
}
