import { expect, it } from "vitest";
import { eventually, steady } from "./eventually.js";

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

it("steady gives the answer that no longer changes, and says the last one where it never stops", async () => {
  let asked = 0;
  const rising = (): number => {
    asked += 1;
    return Math.min(asked, 5);
  };
  expect(await steady(rising, 50, 5_000)).toBe(5);
  const endless = (): number => {
    asked += 1;
    return asked;
  };
  await expect(steady(endless, 50, 100)).rejects.toThrow("the last answer was");
});
