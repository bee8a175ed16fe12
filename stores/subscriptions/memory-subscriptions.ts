import type { Clock } from "../clock.js";
import { keyOfId, textKeyOf } from "../id-keys.js";
import { hash32 } from "./hash32.js";
import { createLocalSubscriptions } from "./local-subscriptions.js";
import type { GroupState } from "./stored-shapes.js";
import type { Place, RowOfGroup } from "./subscription-tables.js";
import type { GroupKey, Subscriptions } from "./subscriptions.js";

const wide = (number: number): string => number.toString(16).padStart(14, "0");
/** Sorts rows as all stores do. */
const placeOf = ({ hash, user, joined }: Place): string =>
  `${wide(hash)}\n${user === undefined ? "" : Buffer.from(`${keyOfId(user)}\n`).toString("hex")}${joined === undefined ? "" : wide(joined)}`;

const byText = <T>(textOf: (item: T) => string): ((one: T, other: T) => number) => {
  return (one, other) => (textOf(one) < textOf(other) ? -1 : 1);
};
const hexOf = (id: string): string => Buffer.from(id).toString("hex");

/** Groups and memberships in memory, for tests and the test driver. */
export const createMemorySubscriptions = (clock: Clock): Subscriptions => {
  const groups = new Map<string, readonly [GroupKey, GroupState]>();
  const rows = new Map<string, RowOfGroup>();
  const keyOf = ({ tenant, group }: GroupKey): string => textKeyOf(tenant, group);
  const rowKey = (key: GroupKey, { user, joined }: Pick<RowOfGroup, "user" | "joined">): string =>
    `${keyOf(key)}\n${keyOfId(user)}\n${joined}`;
  const placeOfRow = ({ user, joined }: RowOfGroup): string => placeOf({ hash: hash32(user), user, joined });
  const rowsIn = (key: GroupKey): RowOfGroup[] => [...rows.values()].filter((row) => keyOf(row) === keyOf(key));
  return createLocalSubscriptions(
    {
      transaction: async (change) => change(),
      group: (key) => groups.get(keyOf(key))?.[1],
      putGroup: ({ tenant, group }, state) => void groups.set(textKeyOf(tenant, group), [{ tenant, group }, state]),
      groups: (tenant, after) =>
        [...groups.values()]
          .filter(([key]) => key.tenant === tenant && (after === undefined || hexOf(key.group) > hexOf(after)))
          .sort(byText(([key]) => hexOf(key.group))),
      rows: (key, from) =>
        rowsIn(key)
          .filter((row) => placeOfRow(row) >= placeOf(from))
          .sort(byText(placeOfRow)),
      rowsOf: ({ tenant, user }, after) =>
        [...rows.values()]
          .filter((row) => row.tenant === tenant && row.user === user && (after === undefined || hexOf(row.group) > hexOf(after)))
          .sort(byText((row) => `${hexOf(row.group)}\n${wide(row.joined)}`)),
      leftRows: (key, version) => rowsIn(key).filter(({ left }) => left !== null && left <= version),
      putRow: (key, row) => void rows.set(rowKey(key, row), { ...row, tenant: key.tenant, group: key.group }),
      removeRow: (key, row) => void rows.delete(rowKey(key, row)),
    },
    clock,
  );
};
