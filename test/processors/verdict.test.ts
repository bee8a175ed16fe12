import { expect, it } from "vitest";
import { verdictOf } from "../../processors/verdict.js";
import type { ReceiptEvent } from "../../schemas/generated.js";
import { commandTo } from "../support/commands.js";
import { receiptFor } from "../support/stage-context.js";

const command = commandTo("sms", "+14155550100", { attempt: 2 });
const verdict = (event: ReceiptEvent, attempt: number, reason: string | null = null) =>
  verdictOf(receiptFor(command, { event, reason }), command, attempt);

it.each<[ReceiptEvent, string, string | null]>([
  ["delivered", "delivered", null],
  ["permanent_failure", "failed", "recipient_rejected"],
  ["temporary_failure", "retry", "provider_unavailable"],
  ["ambiguous", "retry", "provider_unavailable"],
  ["throttled", "retry", "provider_throttled"],
  ["no_receipt", "expired", "no_receipt"],
])("%s means %s, for %s unless the receipt says why", (event, kind, reason) => {
  expect(verdict(event, 2)).toMatchObject({ kind, reason, attempt: 2 });
});

it("the receipt's own reason counts where it is a known one", () => {
  expect(verdict("permanent_failure", 2, "content_rejected")?.reason).toBe("content_rejected");
  expect(verdict("permanent_failure", 2, "constructor")?.reason).toBe("recipient_rejected");
});

it.each<[ReceiptEvent, boolean]>([
  ["delivered", true],
  ["permanent_failure", true],
  ["temporary_failure", false],
  ["ambiguous", false],
  ["throttled", false],
  ["no_receipt", false],
])("of an attempt that was followed by another, %s matters: %s", (event, matters) => {
  expect(verdict(event, 1) !== undefined).toBe(matters);
});

it.each<ReceiptEvent>(["accepted", "delayed", "opened"])("%s changes nothing", (event) => {
  expect(verdict(event, 2)).toBeUndefined();
});
