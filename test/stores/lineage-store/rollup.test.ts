import { expect, it } from "vitest";
import { utc } from "../../../stores/lineage-store/calendar.js";
import type { Group } from "../../../stores/lineage-store/dimensions.js";
import { changeRollup, gather, identityOf } from "../../../stores/lineage-store/rollup.js";

const group: Group = { tenant: "acme", channel: "sms", provider: null, lane: "high", country: null, region: null, template: null };
const acceptedAt = new Date(Date.UTC(2026, 4, 1, 12, 7));
const identity = identityOf("hourly", group, acceptedAt, utc);

it("changes the counts of a rollup, and keeps none that came to nothing", () => {
  const one = changeRollup(undefined, identity, { messages: 2, "statuses.accepted": 2, "costs.INR": 500 });
  expect(one).toEqual({
    ...{ ...identity, from: new Date(Date.UTC(2026, 4, 1, 12)), messages: 2, attempts: 0 },
    ...{ statuses: { accepted: 2 }, reasons: {}, engagements: {}, costs: { INR: 500 }, toSent: {}, toDelivered: {} },
  });
  const other = changeRollup(one, identity, { attempts: 1, "statuses.accepted": -2, "statuses.delivered": 2, "toSent.10": 1 });
  expect(other).toEqual({ ...one, attempts: 1, statuses: { delivered: 2 }, toSent: { "10": 1 } });
  expect(one?.statuses).toEqual({ accepted: 2 });
});

it("keeps no rollup without messages", () => {
  const one = changeRollup(undefined, identity, { messages: 1, "statuses.accepted": 1 });
  expect(changeRollup(one, identity, { messages: -1, "statuses.accepted": -1 })).toBeUndefined();
});

it("adds up what lies in one quarter of an hour and one group, whatever their names", () => {
  const add = (own: Partial<Group>, minutes: number) => ({
    group: { ...group, ...own },
    acceptedAt: new Date(acceptedAt.getTime() + minutes * 60_000),
    by: { messages: 1 },
  });
  const gathered = gather([
    ...[add({}, 0), add({}, 7), add({}, 8)],
    // names that are equal when concatenated
    ...[add({ tenant: "a 1:b", channel: "c" }, 0), add({ tenant: "a", channel: "b 1:c" }, 0)],
    ...[add({ template: "-" }, 0), add({ template: "" }, 0)],
  ]);
  expect(gathered.map(({ by }) => by.messages)).toEqual([2, 1, 1, 1, 1, 1]);
});
