import { z } from "zod";
import { isReason, type Reason, reasons } from "../../schemas/reasons.js";

/** A reason in an option. */
export const reason = z
  .string()
  .refine((text): text is Reason => isReason(text), `is not a reason: give one of ${Object.keys(reasons).join(", ")}`);

/** The meaning of one provider code, as an option. */
export const failure = z.strictObject({
  kind: z
    .enum(["permanent_failure", "temporary_failure", "throttled", "ambiguous"])
    .describe("outcome of the call: permanent_failure, temporary_failure, throttled or ambiguous"),
  reason: reason.describe("reason of the failure, from the list of reasons in docs/reference.md"),
});
