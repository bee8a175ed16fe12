import { expect, it } from "vitest";
import { countSmsSegments, splitSms } from "../../channels/sms-segments.js";

it.each([
  ["", "GSM-7", 1],
  ["x".repeat(160), "GSM-7", 1],
  ["x".repeat(161), "GSM-7", 2],
  ["x".repeat(306), "GSM-7", 2],
  ["x".repeat(307), "GSM-7", 3],
  ["€".repeat(80), "GSM-7", 1],
  ["€".repeat(81), "GSM-7", 2],
  ["я".repeat(70), "UCS-2", 1],
  ["я".repeat(71), "UCS-2", 2],
  ["😀".repeat(35), "UCS-2", 1],
  ["😀".repeat(36), "UCS-2", 2],
])("counts the parts of %j", (text, encoding, segments) => {
  expect(countSmsSegments(text)).toEqual({ encoding, segments });
});

it("no character lies in two parts, and none is lost", () => {
  for (const text of [`${"x".repeat(152)}€${"y".repeat(20)}`, `${"я".repeat(66)}😀${"я".repeat(20)}`]) {
    const { parts } = splitSms(text);
    expect(parts.join("")).toBe(text);
    expect(parts).toHaveLength(2);
    expect(parts.flatMap((part) => [...part])).toEqual([...text]);
  }
});
