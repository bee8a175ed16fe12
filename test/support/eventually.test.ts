import { expect, it } from "vitest";
import { eventually } from "./eventually.js";

it("eventually gives the first answer that is accepted, and says the last one when none was", async () => {
  let asked = 0;
  const ask = (): number => {
    asked += 1;
    return asked;
  };
  expect(await eventually(ask, (answer) => answer === 3, 1_000, 1)).toBe(3);
  await expect(
    eventually(
      () => "no",
      () => false,
      20,
      5,
    ),
  ).rejects.toThrow('the last answer was "no"');
});
