import { expect, it } from "vitest";
import { decoded, spanText } from "../../console/page/format.js";

it("reads a broken part of an address as it is, so that the page finds no message instead of failing", () => {
  expect(decoded("a%2Fb")).toBe("a/b");
  expect(decoded("%E0%A4%A")).toBe("%E0%A4%A");
  expect(decoded("100%")).toBe("100%");
});

it("never tells sixty seconds beside minutes", () => {
  expect(spanText(119_999)).toBe("1 min 59 s");
  expect(spanText(120_000)).toBe("2 min 0 s");
});
