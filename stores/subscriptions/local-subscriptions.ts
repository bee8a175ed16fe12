import type { Clock } from "../clock.js";
import { createLocalGroups } from "./local-groups.js";
import { createLocalMemberships } from "./local-memberships.js";
import type { SubscriptionTables } from "./subscription-tables.js";
import type { Subscriptions } from "./subscriptions.js";

/** Groups and memberships in tables of this machine. */
export const createLocalSubscriptions = (tables: SubscriptionTables, clock: Clock): Subscriptions => ({
  ...createLocalGroups(tables, clock),
  ...createLocalMemberships(tables, clock),
  close: async () => undefined,
});
