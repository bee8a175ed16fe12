import { expect, it } from "vitest";
import * as records from "../../schemas/records.js";
import { commandTo } from "../support/commands.js";
import { receiptFor } from "../support/stage-context.js";

const command = commandTo("sms", "+14155550100");

it("requests and commands of one tenant's recipient keep their order", () => {
  expect(records.dispatchCommand.key(command)).toBe("acme:+14155550100");
});

it.each([
  [{ messageId: "m", providerMessageId: "r" }, "m"],
  [{ messageId: null, providerMessageId: "r" }, "r"],
  [{ messageId: null, providerMessageId: null }, "receipt-1"],
])("a receipt is ordered by what it names: %j by %s", (more, key) => {
  expect(records.providerReceipt.key(receiptFor(command, more))).toBe(key);
});

it("what others read is public, and what others write is read with care", () => {
  const all = Object.values(records);
  expect(all.filter(({ isPublic }) => isPublic)).toEqual([records.deliveryFeedback, records.tenantFeedback]);
  expect(all.filter(({ isForeign }) => isForeign)).toEqual([records.messageRequested]);
});
