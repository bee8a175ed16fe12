import type { z } from "zod";
import { CarillonError } from "../schemas/errors.js";
import type { Change, Group, GroupKey, Subscriptions } from "../stores/subscriptions/subscriptions.js";
import type { groupGiven } from "./group-input.js";

/** Rejected for a group that does not exist. */
export const unknownGroup = (): CarillonError => {
  const problem = "there is no such group";
  return new CarillonError("NOT_FOUND", problem, { field: "id", fix: "create the group first, or correct the id", publicWords: problem });
};

/** Creates a group, or replaces its name and attributes. Members stay. */
export const putGroup = async (subscriptions: Subscriptions, key: GroupKey, given: z.output<typeof groupGiven>): Promise<Group> => {
  const { tenant, group } = key;
  const [stored] = await subscriptions.putGroups([{ tenant, group, name: given.name ?? null, attributes: given.attributes ?? {} }]);
  if (!stored) throw unknownGroup();
  return stored;
};

/** Rejects NOT_FOUND for an unknown group. */
export const getGroup = async (subscriptions: Subscriptions, key: GroupKey): Promise<Group> => {
  const [found] = await subscriptions.getGroups([key]);
  if (!found) throw unknownGroup();
  return found;
};

/** Removes a group with its memberships. Rejects NOT_FOUND for an unknown group. */
export const removeGroup = async (subscriptions: Subscriptions, key: GroupKey): Promise<void> => {
  if (!(await subscriptions.removeGroup(key))) throw unknownGroup();
};

/** Removes a user from a group. Rejects NOT_FOUND for an unknown group. A user who is not a member changes nothing. */
export const leaveGroup = async (subscriptions: Subscriptions, key: GroupKey, user: string): Promise<Change> => {
  const left = await subscriptions.leave(key, [user]);
  if (!left) throw unknownGroup();
  return left;
};
