import { expect, it } from "vitest";
import { sendersFor } from "../../processors/senders-for.js";

it("are the tenant's own for a channel that it has senders for, and none otherwise", () => {
  const senders = { sms: ["SHOP", "+14155550100"] };
  expect(sendersFor(senders, "sms")).toEqual(["SHOP", "+14155550100"]);
  for (const channel of ["email", "constructor", ""]) expect(sendersFor(senders, channel)).toBeUndefined();
});
