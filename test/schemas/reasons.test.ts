import { expect, it } from "vitest";
import { isReason, reasons } from "../../schemas/reasons.js";

it("reasons are a closed list of names, each with its explanation", () => {
  for (const [name, text] of Object.entries(reasons)) {
    expect(name).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
    expect(text).not.toBe("");
  }
  expect([isReason("no_receipt"), isReason("constructor"), isReason("")]).toEqual([true, false, false]);
});
