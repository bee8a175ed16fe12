import { expect, it } from "vitest";
import { newTenant } from "../../access/configured-tenants.js";
import { mostCursorAgeMs } from "../../directory/list-pages.js";
import { forgetLeftMembers } from "../../operations/forget-left-members.js";
import { loadConfig } from "../../service/load-config.js";
import { createMemoryCells } from "../../stores/cells/memory-cells.js";
import { wholeGroup } from "../../stores/subscriptions/hash32.js";
import { createMemorySubscriptions } from "../../stores/subscriptions/memory-subscriptions.js";
import { createMemoryTenants } from "../../stores/tenants/memory-tenants.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

it("removes former members once no list of an earlier version can be continued", async () => {
  const clock = createVirtualClock(Date.UTC(2026, 10, 30));
  const stores = { tenants: createMemoryTenants(clock), subscriptions: createMemorySubscriptions(clock), cells: createMemoryCells(clock) };
  const { subscriptions } = stores;
  const key = { tenant: "shop", group: "news" };
  await stores.tenants.put(newTenant("shop", "Shop"));
  await subscriptions.putGroups([{ ...key, name: null, attributes: {} }]);
  const joined = await subscriptions.join(
    key,
    ["ann", "ben", "cleo"].map((user) => ({ user, channels: [] })),
  );
  await subscriptions.leave(key, ["ann"]);
  const membersAt = async (version = 0) =>
    (await subscriptions.scan({ ...key, version, bucket: wholeGroup, limit: 10 })).members.map(({ user }) => user).sort();
  const config = loadConfig({ environment: {} });
  const look = () => forgetLeftMembers({ config, stores, clock }, new AbortController().signal);

  await look();
  await clock.advance(mostCursorAgeMs - 1);
  const left = await subscriptions.leave(key, ["ben"]);
  await look();
  // a list that was begun before ann left may still be continued
  expect(await membersAt(joined?.version)).toEqual(["ann", "ben", "cleo"]);
  await clock.advance(1);
  await look();
  // ben left after the version that was noted
  expect(await membersAt(joined?.version)).toEqual(["ben", "cleo"]);
  await clock.advance(mostCursorAgeMs);
  await look();
  expect(await membersAt(joined?.version)).toEqual(["cleo"]);
  expect(await membersAt(left?.version)).toEqual(["cleo"]);
  await clock.advance(mostCursorAgeMs);
  await look();
  expect(await membersAt(left?.version)).toEqual(["cleo"]);
});

it("ends once it is told to", async () => {
  const clock = createVirtualClock(0);
  const stores = { tenants: createMemoryTenants(clock), subscriptions: createMemorySubscriptions(clock), cells: createMemoryCells(clock) };
  await stores.subscriptions.putGroups([{ tenant: "local", group: "news", name: null, attributes: {} }]);
  await forgetLeftMembers({ config: loadConfig({ environment: {} }), stores, clock }, AbortSignal.abort());
  expect(await stores.cells.all("group-versions:local")).toEqual(new Map());
});
