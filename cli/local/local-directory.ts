import { type Checked, isValid } from "../../client/check-input.js";
import { groupId, userId } from "../../client/checked-ids.js";
import { localTenant } from "../../config/keys.js";
import { checkUser } from "../../directory/check-user.js";
import { exportUsers } from "../../directory/export-users.js";
import { checkGroup, checkMember } from "../../directory/group-input.js";
import { getGroup, leaveGroup, putGroup, removeGroup, unknownGroup } from "../../directory/groups.js";
import type { ImportOptions } from "../../directory/import-list.js";
import { importUsers } from "../../directory/import-users.js";
import { listGroups, listMembers, listUsers } from "../../directory/list-pages.js";
import { forgetUsers, importMembers, joinGroup } from "../../directory/memberships.js";
import { getUser, putUser, unknownUser } from "../../directory/users.js";
import { groupView, memberView, userView } from "../../directory/views.js";
import { importedOf, mostSpoolBytes } from "../../http/uploads/answer-import.js";
import { tenantOf } from "../../operations/tenants/change-tenant.js";
import { CarillonError } from "../../schemas/errors.js";
import { systemClock } from "../../stores/clock.js";
import type { Stores } from "../../stores/stores.js";
import type { Change } from "../../stores/subscriptions/subscriptions.js";
import type { DirectoryAdministration, ListUpload, OnProgress } from "../deployment/deployment.js";
import type { LocalStores } from "./opened.js";

/** The valid value. Throws INPUT_INVALID, which lists everything that is wrong with it. */
const valid = <Value>(checked: Checked<Value>): Value => {
  if (isValid(checked)) return checked.value;
  const [first, ...others] = checked.errors;
  if (first && others.length === 0) throw new CarillonError("INPUT_INVALID", first.problem, { field: first.field, fix: first.fix });
  const list = checked.errors.map(({ field, problem, fix }) => `  ${field} ${problem}: ${fix}`);
  throw new CarillonError("INPUT_INVALID", `the input is invalid:\n${list.join("\n")}`);
};

const idOf = (schema: typeof userId, field: string, given: string): string => {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  throw new CarillonError("INPUT_INVALID", error.issues[0]?.message ?? "is invalid", { field, fix: "correct the id" });
};

const changeOf = ({ members, changed }: Change) => ({ members, changed: changed.includes(true) });

interface Own {
  readonly stores: Stores;
  readonly tenant: string;
}

/** The stores, and the tenant that a command names. */
const ownOf = async (local: LocalStores, given: string | undefined): Promise<Own> => {
  const stores = await local.stores();
  // the tenant of this machine is created by the first server that starts
  const tenant = given ?? localTenant;
  if (tenant === localTenant) return { stores, tenant };
  try {
    return { stores, tenant: (await tenantOf({ stores }, tenant)).id };
  } catch (error) {
    if (!(error instanceof CarillonError) || error.code !== "NOT_FOUND") throw error;
    throw new CarillonError("NOT_FOUND", error.problem, {
      cause: error,
      field: "--tenant",
      fix: "create the tenant first, or correct the id",
    });
  }
};

const optionsOf = (local: LocalStores, { refuse }: ListUpload, onProgress: OnProgress): ImportOptions => ({
  onError: refuse ? "refuse" : "skip",
  spool: { folder: local.config.dataDir, mostBytes: mostSpoolBytes },
  onProgress: ({ imported, failed }) => onProgress(imported + failed),
});

type UserCommands = Pick<DirectoryAdministration, "users" | "user" | "putUser" | "deleteUser" | "importUsers" | "exportUsers">;

const localUsers = (local: LocalStores): UserCommands => ({
  users: async (given, page) => {
    const { stores, tenant } = await ownOf(local, given);
    const { items, cursor } = await listUsers(stores.directory, tenant, page);
    return { items: items.map(userView), cursor };
  },
  user: async (given, id) => {
    const { stores, tenant } = await ownOf(local, given);
    return userView(await getUser(stores.directory, { tenant, id: idOf(userId, "user", id) }));
  },
  putUser: async (given, id, input) => {
    const { stores, tenant } = await ownOf(local, given);
    return userView(await putUser(stores.directory, tenant, { ...valid(checkUser(input)), id: idOf(userId, "user", id) }));
  },
  deleteUser: async (given, id) => {
    const { stores, tenant } = await ownOf(local, given);
    const [existed] = await forgetUsers(stores, tenant, [idOf(userId, "user", id)]);
    if (!existed) throw unknownUser();
  },
  importUsers: async (given, upload, onProgress) => {
    const { stores, tenant } = await ownOf(local, given);
    return importedOf(await importUsers(stores.directory, { tenant, ...upload }, optionsOf(local, upload, onProgress)));
  },
  exportUsers: async function* (given, format, after) {
    const { stores, tenant } = await ownOf(local, given);
    yield* exportUsers(stores.directory, { tenant, format, after });
  },
});

const localGroups = (local: LocalStores): Omit<DirectoryAdministration, keyof UserCommands> => {
  const groupOf = async (given: string | undefined, id: string) => {
    const { stores, tenant } = await ownOf(local, given);
    return { stores, key: { tenant, group: idOf(groupId, "group", id) } };
  };
  return {
    groups: async (given, page) => {
      const { stores, tenant } = await ownOf(local, given);
      const { items, cursor } = await listGroups(stores.subscriptions, tenant, page);
      return { items: items.map(groupView), cursor };
    },
    group: async (given, id) => {
      const { stores, key } = await groupOf(given, id);
      return groupView(await getGroup(stores.subscriptions, key));
    },
    putGroup: async (given, id, input) => {
      const { stores, key } = await groupOf(given, id);
      return groupView(await putGroup(stores.subscriptions, key, valid(checkGroup(input))));
    },
    deleteGroup: async (given, id) => {
      const { stores, key } = await groupOf(given, id);
      await removeGroup(stores.subscriptions, key);
    },
    members: async (given, id, page) => {
      const { stores, key } = await groupOf(given, id);
      const found = await listMembers(stores.subscriptions, key, page, systemClock.now());
      if (!found) throw unknownGroup();
      return { items: found.items.map(memberView), cursor: found.cursor };
    },
    join: async (given, id, member) => {
      const { stores, key } = await groupOf(given, id);
      return changeOf(await joinGroup(stores, key, valid(checkMember(member))));
    },
    leave: async (given, id, user) => {
      const { stores, key } = await groupOf(given, id);
      return changeOf(await leaveGroup(stores.subscriptions, key, idOf(userId, "user", user)));
    },
    importMembers: async (given, id, upload, onProgress) => {
      const { stores, key } = await groupOf(given, id);
      return importedOf(await importMembers(stores, { ...key, ...upload }, optionsOf(local, upload, onProgress)));
    },
  };
};

/** Users and groups in the stores themselves. */
export const localDirectory = (local: LocalStores): DirectoryAdministration => ({ ...localUsers(local), ...localGroups(local) });
