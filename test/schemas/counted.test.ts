import { expect, it } from "vitest";
import { counted } from "../../schemas/counted.js";

it("a count carries its unit, in the singular for one", () => {
  expect([0, 1, 2, 2_000].map((count) => counted(count, "message"))).toEqual(["0 messages", "1 message", "2 messages", "2,000 messages"]);
  expect([1, 3].map((count) => counted(count, "try", "tries"))).toEqual(["1 try", "3 tries"]);
});
