import { expect, it } from "vitest";
import { counted, mebibytes, sizeOf } from "../../schemas/counted.js";

it("a count carries its unit, in the singular for one", () => {
  expect([0, 1, 2, 2_000].map((count) => counted(count, "message"))).toEqual(["0 messages", "1 message", "2 messages", "2,000 messages"]);
  expect([1, 3].map((count) => counted(count, "try", "tries"))).toEqual(["1 try", "3 tries"]);
});

it("a size is in mebibytes with one decimal", () => {
  expect([mebibytes(0), sizeOf(1_572_864), sizeOf(2_147_483_648)]).toEqual(["0.0", "1.5 MiB", "2048.0 MiB"]);
});
