import type { Finding } from "../channels/finding.js";
import { CarillonError } from "../schemas/errors.js";
import type { Directory } from "../stores/directory/directory.js";
import type { Change, GroupKey, Subscriptions } from "../stores/subscriptions/subscriptions.js";
import { checkMember, type GivenMember } from "./group-input.js";
import { getGroup, unknownGroup } from "./groups.js";
import { type ImportOptions, type ImportReport, importList } from "./import-list.js";
import { type CsvForm, entriesOf, type ImportFormat } from "./read-entries.js";

/** The stores of users and groups. */
export interface UserStores {
  readonly directory: Directory;
  readonly subscriptions: Subscriptions;
}

const unknownUser: Finding = {
  field: "user",
  reason: "invalid_request",
  problem: "is not a user of this tenant",
  fix: "create the user first, or correct the id",
};

const existing = async (directory: Directory, tenant: string, users: readonly string[]): Promise<readonly boolean[]> =>
  (await directory.get(users.map((id) => ({ tenant, id })))).map((user) => user !== undefined);

/** Adds users that exist. Forgetting a user removes it before its memberships, so that one of both calls removes the membership. */
const joinExisting = async ({ directory, subscriptions }: UserStores, key: GroupKey, members: readonly GivenMember[]): Promise<Change> => {
  const joined = await subscriptions.join(
    key,
    members.map(({ user, channels }) => ({ user, channels: channels ?? [] })),
  );
  if (!joined) throw unknownGroup();
  const users = members.map(({ user }) => user);
  const exists = await existing(directory, key.tenant, users);
  const gone = users.filter((_, index) => !exists[index]);
  return gone.length === 0 ? joined : ((await subscriptions.leave(key, gone)) ?? joined);
};

/** Adds one user, or changes its channels. Rejects NOT_FOUND for an unknown group or user. */
export const joinGroup = async (stores: UserStores, key: GroupKey, member: GivenMember): Promise<Change> => {
  const [exists] = await existing(stores.directory, key.tenant, [member.user]);
  if (!exists)
    throw new CarillonError("NOT_FOUND", unknownUser.problem, { field: "user", fix: unknownUser.fix, publicWords: unknownUser.problem });
  return joinExisting(stores, key, [member]);
};

const memberColumns = ["user", "channels"] as const;

/** Members as CSV: the channels are separated by spaces. */
const membersCsv: CsvForm = {
  example: memberColumns.join(", "),
  readerOf: (columns) => {
    const unknown = columns.find((column) => !(memberColumns as readonly string[]).includes(column));
    if (unknown !== undefined)
      throw new CarillonError(
        "INPUT_INVALID",
        `the header of the upload has a column "${unknown.slice(0, 100)}", which members do not have`,
        {
          fix: `name the columns ${memberColumns.join(" and ")}`,
        },
      );
    const [user, channels] = memberColumns.map((name) => columns.indexOf(name));
    return (cells) => {
      const [own, list] = [cells[user ?? -1] ?? "", cells[channels ?? -1] ?? ""];
      return { ...(own === "" ? {} : { user: own }), ...(list === "" ? {} : { channels: list.split(/\s+/) }) };
    };
  },
};

export interface MemberUpload extends GroupKey {
  readonly format: ImportFormat;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Adds the users of a list to a group. Rejects NOT_FOUND for an unknown group. An unknown user is an error of its line. */
export const importMembers = async (
  stores: UserStores,
  { format, chunks, ...key }: MemberUpload,
  options: ImportOptions,
): Promise<ImportReport> => {
  await getGroup(stores.subscriptions, key);
  return importList(
    {
      entries: entriesOf(chunks, format, membersCsv),
      check: checkMember,
      keyOf: ({ user }) => user,
      verify: async (members) => {
        const users = members.map(({ user }) => user);
        return (await existing(stores.directory, key.tenant, users)).map((exists) => (exists ? [] : [unknownUser]));
      },
      store: async (members) => {
        await joinExisting(stores, key, members);
      },
    },
    options,
  );
};

/** Removes users with all their memberships. Repeat a call that failed. Resolves with whether each of them existed. */
export const forgetUsers = async (
  { directory, subscriptions }: UserStores,
  tenant: string,
  users: readonly string[],
): Promise<readonly boolean[]> => {
  const forgotten = await directory.forget(users.map((id) => ({ tenant, id })));
  await subscriptions.forgetUsers(users.map((user) => ({ tenant, user })));
  return forgotten.map((user) => user !== undefined);
};
