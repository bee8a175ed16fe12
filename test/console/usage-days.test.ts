import { expect, it } from "vitest";
import { dateAfter, datesOf, periodOf, sumOf, sumsBy } from "../../console/page/views/usage/usage-days.js";
import type { UsageRow } from "../../reports/usage.js";

const none = { attempts: 0, delivered: 0, failed: 0, expired: 0, suppressed: 0, cancelled: 0, costs: {} };
const rows: readonly UsageRow[] = [
  { ...none, day: "2026-11-29", tenant: "bank", channel: "sms", messages: 5, delivered: 5, costs: { EUR: 0.5 } },
  {
    ...none,
    day: "2026-11-29",
    tenant: "shop",
    channel: "sms",
    messages: 2,
    failed: 1,
    expired: 1,
    attempts: 4,
    costs: { EUR: 0.1, credit: 2 },
  },
  { ...none, day: "2026-11-30", tenant: "shop", channel: "email", messages: 3, suppressed: 1, cancelled: 1 },
];

it("sums rows by day and by tenant, in their order", () => {
  expect(sumsBy("day", rows)).toEqual([
    {
      ...{ name: "2026-11-29", channels: { sms: 7 }, messages: 7, attempts: 4, delivered: 5, undelivered: 2 },
      costs: { EUR: 0.6, credit: 2 },
    },
    { name: "2026-11-30", channels: { email: 3 }, messages: 3, attempts: 0, delivered: 0, undelivered: 2, costs: {} },
  ]);
  expect(sumsBy("tenant", rows).map(({ name, messages }) => [name, messages])).toEqual([
    ["bank", 5],
    ["shop", 5],
  ]);
  expect(sumOf("total", rows)).toMatchObject({ name: "total", channels: { sms: 7, email: 3 }, messages: 10 });
  expect(sumsBy("day", [])).toEqual([]);
});

it("finds the dates of a period in its time zone, also over a change of the clock", () => {
  const period = { from: "2026-10-23T22:00:00.000Z", to: "2026-10-26T23:00:00.000Z", timeZone: "Europe/Paris" };
  expect(periodOf(period)).toEqual({ first: "2026-10-24", last: "2026-10-26" });
  expect(datesOf(period)).toEqual(["2026-10-24", "2026-10-25", "2026-10-26"]);
});

it("finds the next date, and leaves other texts to the service", () => {
  expect(dateAfter("2026-12-31")).toBe("2027-01-01");
  for (const text of ["", "today", "2026-13-01"]) expect(dateAfter(text)).toBe(text);
});
