import { expect, it } from "vitest";
import { createMemoryStores } from "../../service/memory-stores.js";
import { withAdapters } from "../../service/with-adapters.js";
import { createMemoryCache } from "../../stores/message-cache/memory-cache.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

it("gives the adapters in the place of those that were opened, and closes both once, the adapters first", async () => {
  const clock = createVirtualClock();
  const closed: string[] = [];
  const memory = createMemoryStores(clock);
  const opened = { ...memory, close: async () => void closed.push("opened") };
  const cache = { ...createMemoryCache(clock), close: async () => void closed.push("cache") };
  const log = { ...memory.log, close: async () => void closed.push("log") };
  const stores = withAdapters(opened, (given) => {
    expect(given).toBe(opened);
    return { cache, log };
  });
  expect(stores.cache).toBe(cache);
  expect(stores.claims).toBe(opened.claims);
  await Promise.all([stores.close(), stores.close()]);
  expect(closed).toEqual(["log", "cache", "opened"]);
});

it("leaves the stores as they are where no adapters are given", () => {
  const opened = createMemoryStores(createVirtualClock());
  expect(withAdapters(opened, undefined)).toBe(opened);
});
