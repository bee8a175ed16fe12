import { afterEach, expect, it, vi } from "vitest";
import { createProgress, inMebibytes, inSeconds, percentOf } from "../../cli/print.js";
import { counted } from "../../schemas/counted.js";

afterEach(() => vi.restoreAllMocks());

const written = (work: () => void): string => {
  let text = "";
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  work();
  return text;
};

it("counts one in the singular", () => {
  expect([0, 1, 2_000].map((count) => counted(count, "message"))).toEqual(["0 messages", "1 message", "2,000 messages"]);
  expect([1, 2].map((count) => counted(count, "process", "processes"))).toEqual(["1 process", "2 processes"]);
});

it("prints progress with its unit, and no percentage of nothing", () => {
  expect(written(() => createProgress("exported").at(50, 2_000))).toContain("exported: 50 of 2,000 (2%)");
  expect(written(() => createProgress("exported").at(0, 0))).toMatch(/exported: 0 of 0(?! )/);
  expect(written(() => createProgress("redriven").at(7))).toContain("redriven: 7");
  expect(inMebibytes(52_429, 104_858)).toBe("0.1 of 0.1 MiB (50%)");
  expect(inSeconds(5, 10)).toBe("5 of 10 s (50%)");
  expect(percentOf(1, 3)).toBe(" (33%)");
});
