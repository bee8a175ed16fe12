import { expect, it } from "vitest";
import { StatusSymbols } from "../../schemas/generated.js";
import { isFinal, statusRank } from "../../schemas/status.js";

it("statuses rank in the order of a message's way, the final ones above all others", () => {
  const ranks = StatusSymbols.map((status) => statusRank[status]);
  expect(ranks).toEqual([...ranks].sort((one, other) => one - other));
  expect(StatusSymbols.filter(isFinal)).toEqual(["delivered", "failed", "expired", "suppressed", "cancelled"]);
});
