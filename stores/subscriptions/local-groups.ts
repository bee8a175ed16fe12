import type { Clock } from "../clock.js";
import { hash32 } from "./hash32.js";
import { assertGroupIds } from "./membership-rows.js";
import type { GroupState } from "./stored-shapes.js";
import { findGroup, first, type Place, type SubscriptionTables } from "./subscription-tables.js";
import type { Group, GroupKey, GroupPut, Groups } from "./subscriptions.js";

const bite = 5_000;

const toGroup = ({ tenant, group }: GroupKey, { name, attributes, version, members, createdAt, changedAt }: GroupState): Group => ({
  ...{ tenant, group, name, attributes, version, members, createdAt, changedAt },
});

/** Removes rows of former groups of this id, bite by bite: one transaction over millions would stop all other writers. */
const sweep = async (tables: SubscriptionTables, key: GroupKey): Promise<void> => {
  let from: Place | undefined = { hash: 0 };
  while (from) {
    const start: Place = from;
    from = await tables.transaction(() => {
      const base = tables.group(key)?.base ?? 0;
      const rows = first(tables.rows(key, start), bite);
      for (const row of rows) if (row.joined <= base) tables.removeRow(key, row);
      const last = rows.at(-1);
      return last && rows.length === bite ? { hash: hash32(last.user), user: last.user, joined: last.joined + 1 } : undefined;
    });
  }
};
/** Groups in tables of this machine. */
export const createLocalGroups = (tables: SubscriptionTables, clock: Clock): Groups => {
  const now = (): Date => new Date(clock.now());
  const putGroup = (put: GroupPut): Group => {
    const stored = tables.group(put);
    const fresh = { version: stored?.version ?? 0, base: stored?.base ?? 0, members: 0, createdAt: now() };
    const { name, attributes } = put;
    const state = { ...(stored && !stored.removed ? stored : fresh), removed: false, name, attributes, changedAt: now() };
    tables.putGroup(put, state);
    return toGroup(put, state);
  };
  return {
    putGroups: async (groups) => {
      assertGroupIds(groups);
      return tables.transaction(() => groups.map(putGroup));
    },
    getGroups: async (keys) => {
      assertGroupIds(keys);
      return keys.map((key) => {
        const state = findGroup(tables, key);
        return state && toGroup(key, state);
      });
    },
    listGroups: async ({ tenant, after, limit }) => {
      assertGroupIds(after === undefined ? [] : [{ tenant, group: after }]);
      const found: Group[] = [];
      for (const [key, state] of tables.groups(tenant, after)) {
        if (found.length >= limit) break;
        if (!state.removed) found.push(toGroup(key, state));
      }
      return found;
    },
    removeGroup: async (key) => {
      assertGroupIds([key]);
      const removed = await tables.transaction(() => {
        const state = findGroup(tables, key);
        // the number of the version outlives the group, so that no later version means other rows
        if (state) tables.putGroup(key, { ...state, name: null, attributes: {}, members: 0, base: state.version, removed: true });
        return state !== undefined;
      });
      await sweep(tables, key);
      return removed;
    },
  };
};
