import { expect, it } from "vitest";
import { createExpiringTable } from "../../stores/expiring-table.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { eventually } from "../support/eventually.js";
import { scratchEnvironment } from "../support/scratch-environment.js";

const environment = scratchEnvironment();

it("removes all expired entries in one sweep, however many there are, and keeps those that were written again", async () => {
  const clock = createVirtualClock();
  const everyMs = 1_500;
  const table = createExpiringTable<number>(environment(), "numbers", clock, everyMs);
  const count = 20_000;
  const entries = Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: index, ttlMs: 1_000 }));
  await table.putAll(entries);
  await table.putAll([{ key: "k7", value: 7, ttlMs: 3_600_000 }]);
  clock.advance(2_000);
  const left = (): number[] => ["numbers", "numbers-expiry"].map((name) => environment().root.openDB(name, {}).getCount({}));
  await eventually(
    () => left()[0] ?? 0,
    (entriesLeft) => entriesLeft < count,
  );
  // one transaction an interval would take 30 s
  await eventually(left, (counts) => counts.every((one) => one === 1), 15_000);
  expect(table.get("k7")).toBe(7);
  expect(table.get("k8")).toBeUndefined();
  table.close();
});
