import { afterEach, describe, expect, it } from "vitest";
import type { Receipt } from "../../processors/receipt.js";
import { providerReceiptOf } from "../../sources/provider-receipt-of.js";
import { instantOf, isZone, type TimeForm } from "../../wire/receipt-time.js";

const at = (...parts: [number, number, number, number?, number?, number?, number?]): number => Date.UTC(...parts);
const auto = { zone: "UTC", form: "auto" } as const;

describe("times of receipts", () => {
  const zone = process.env.TZ;
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it.each([
    ["2026-11-25T03:00:00Z", at(2026, 10, 25, 3)],
    ["2026-11-25T03:00:00.250+05:30", at(2026, 10, 24, 21, 30, 0, 250)],
    ["2026-11-25 03:00:00", at(2026, 10, 25, 3)],
    ["2026/11/25 03:00", at(2026, 10, 25, 3)],
    ["20261125101112", at(2026, 10, 25, 10, 11, 12)],
    ["261125101112", at(2026, 10, 25, 10, 11, 12)],
    ["2611251011", at(2026, 10, 25, 10, 11)],
    ["1764065472", 1_764_065_472_000],
    ["1764065472.5", 1_764_065_472_500],
    ["1764065472123", 1_764_065_472_123],
    ["Wed, 25 Nov 2026 03:00:00 +0000", at(2026, 10, 25, 3)],
    ["Wed, 25 Nov 2026 03:00:00", at(2026, 10, 25, 3)],
    ["Wed, 25 Nov 2026 03:00:00 EST", at(2026, 10, 25, 8)],
    ["Wed Nov 25 03:00:00 PDT 2026", at(2026, 10, 25, 10)],
    ["Wed Nov 25 03:00:00 UTC 2026", at(2026, 10, 25, 3)],
    ["Wed Nov 25 2026 03:00:00 GMT+0530 (India Standard Time)", at(2026, 10, 24, 21, 30)],
    ["2026-11-25 03:00:00 PST", at(2026, 10, 25, 11)],
    ["03/04/2026 03:00:00 EST", undefined],
    ["Wed Nov 25 03:00:00 IST 2026", undefined],
    ["2026-11-25 03:00:00 IST", undefined],
    ["25/11/2026 03:00:00", at(2026, 10, 25, 3)],
    ["03/04/2026 03:00:00", undefined],
    ["2026-02-30 03:00:00", undefined],
    ["20261325101112", undefined],
    ["yesterday", undefined],
    ["-1", undefined],
    ["", undefined],
  ])("reads %s alike under every TZ of the process", (text, expected) => {
    for (const TZ of ["UTC", "Asia/Kolkata", "America/New_York"]) {
      process.env.TZ = TZ;
      expect(instantOf(text, auto)).toBe(expected);
    }
  });

  it.each<[string, TimeForm, number | undefined]>([
    ["2026-11-25 03:00:00", { zone: "Asia/Kolkata", form: "auto" }, at(2026, 10, 24, 21, 30)],
    ["2026-11-25 03:00:00", { zone: "+05:30", form: "auto" }, at(2026, 10, 24, 21, 30)],
    ["2611251011", { zone: "-03:00", form: "auto" }, at(2026, 10, 25, 13, 11)],
    ["2026-07-01 12:00:00", { zone: "Europe/Berlin", form: "auto" }, at(2026, 6, 1, 10)],
    ["Wed Nov 25 03:00:00 UTC 2026", { zone: "Asia/Kolkata", form: "auto" }, at(2026, 10, 25, 3)],
    ["Wed Nov 25 03:00:00 2026", { zone: "Asia/Kolkata", form: "auto" }, at(2026, 10, 24, 21, 30)],
    ["03/04/2026 03:00:00 EST", { zone: "UTC", form: "day_first" }, at(2026, 3, 3, 8)],
    ["2026-11-25T03:00:00Z", { zone: "Asia/Kolkata", form: "auto" }, at(2026, 10, 25, 3)],
    ["03/04/2026 03:00:00", { zone: "UTC", form: "day_first" }, at(2026, 3, 3, 3)],
    ["03/04/2026 03:00:00", { zone: "UTC", form: "month_first" }, at(2026, 2, 4, 3)],
    ["2611251011", { zone: "UTC", form: "seconds" }, 2_611_251_011_000],
    ["1764065472", { zone: "UTC", form: "compact" }, undefined],
  ])("reads %s as %j", (text, how, expected) => {
    expect(instantOf(text, how)).toBe(expected);
  });

  it("knows zones", () => {
    expect(["UTC", "Asia/Kolkata", "+05:30", "Mars/Olympus", "5"].map(isZone)).toEqual([true, true, true, false, false]);
  });

  it("replaces a time that cannot be right by that of arrival, and keeps the receipt", () => {
    const nowMs = at(2026, 10, 25, 12);
    const atOf = (more: Partial<Receipt>): number =>
      providerReceiptOf({ name: "kaleyra", channel: "sms" }, { providerMessageId: "k-1", event: "delivered", ...more }, nowMs).at;
    expect(atOf({ statedAt: "2026-11-25 11:00:00" })).toBe(nowMs - 3_600_000);
    expect(atOf({ statedAt: "2026-11-25 12:10:00" })).toBe(nowMs + 600_000);
    for (const wrong of ["2612-11-25 11:00:00", "2026-11-25 13:00:00", "1970-01-02 00:00:00", "nonsense"])
      expect(atOf({ statedAt: wrong })).toBe(nowMs);
    expect(atOf({ atMs: Number.POSITIVE_INFINITY })).toBe(nowMs);
  });
});
