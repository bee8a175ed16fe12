import { expect, it } from "vitest";
import { RecentTimes } from "../../../sinks/routing/recent-times.js";

it("says nothing of few times, then the share of the latest", () => {
  const times = new RecentTimes();
  for (let ms = 1; ms < 20; ms += 1) times.note(ms);
  expect(times.percentile(0.5)).toBeUndefined();
  times.note(20);
  expect([times.percentile(0.5), times.percentile(0.9)]).toEqual([11, 19]);
  for (let more = 0; more < 200; more += 1) times.note(1_000);
  expect(times.percentile(0)).toBe(1_000);
  times.clear();
  expect(times.percentile(0.5)).toBeUndefined();
});
