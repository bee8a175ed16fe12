import type { Clock } from "../clock.js";
import { assertIds } from "../id-keys.js";
import type {
  AddressChannel,
  DeviceAddress,
  DeviceOfUser,
  Directory,
  PutAnswer,
  Registration,
  Removal,
  User,
  UserKey,
  UserPut,
} from "./directory.js";
import { assertDeviceIds, assertUserIds, conflicts, putInto, withDevice, withoutDevices } from "./user-rules.js";

/** An address in all forms that the store may hold. */
interface Forms {
  readonly tenant: string;
  readonly channel: AddressChannel;
  readonly address: string;
  readonly otherForms?: readonly string[];
}

/** Tables whose changes are transactions. */
export interface UserTables {
  transaction<T>(change: () => T): Promise<T>;
  get(key: UserKey): User | undefined;
  /** Writes a user and the index of its addresses. Call inside a transaction. */
  write(user: User, before: User | undefined): void;
  /** Call inside a transaction. */
  remove(user: User): void;
  list(tenant: string, after: string | undefined, limit: number): readonly User[];
  /** Ids of the users with the address in this form, in order, without duplicates. */
  owners(tenant: string, channel: AddressChannel, address: string, after: string | undefined, limit: number): readonly string[];
}

const formsOf = ({ address, otherForms = [] }: Forms): readonly string[] => [...new Set([address, ...otherForms])];
const mostOwners = 1_000;

const isOf = (device: DeviceAddress): ((registration: Registration) => boolean) => {
  const forms = formsOf(device);
  return ({ address, app }) => app === device.app && forms.includes(address);
};

const ownersOf = (tables: UserTables, device: DeviceAddress): User[] => {
  const ids = formsOf(device).flatMap((form) => tables.owners(device.tenant, device.channel, form, undefined, mostOwners));
  return [...new Set(ids)].flatMap((id) => tables.get({ tenant: device.tenant, id }) ?? []);
};

const register = (tables: UserTables, device: DeviceOfUser, now: Date): boolean => {
  const user = tables.get(device);
  if (!user) return false;
  const { channel, address, app } = device;
  // all reads come before the first write, because a failed transaction is not undone
  for (const owner of ownersOf(tables, device)) {
    if (owner.id !== user.id) tables.write(withoutDevices(owner, channel, isOf(device)), owner);
  }
  tables.write(withDevice(withoutDevices(user, channel, isOf(device)), channel, { address, app, registeredAt: now }), user);
  return true;
};

const unregister = (tables: UserTables, removal: Removal): boolean => {
  const isIt = isOf(removal);
  const goes = (registration: Registration): boolean =>
    isIt(registration) && (removal.before === undefined || registration.registeredAt < removal.before);
  const owners = ownersOf(tables, removal).filter(
    ({ id, addresses }) => (removal.id === undefined || removal.id === id) && addresses[removal.channel].some(goes),
  );
  for (const owner of owners) tables.write(withoutDevices(owner, removal.channel, goes), owner);
  return owners.length > 0;
};

const put = (tables: UserTables, user: UserPut, now: Date): PutAnswer => {
  const stored = tables.get(user);
  if (conflicts(stored, user)) return { state: "conflict", revision: stored?.revision ?? 0 };
  const written = putInto(stored, user, now);
  tables.write(written, stored);
  return { state: "stored", revision: written.revision };
};

/** A directory in tables of this machine. */
export const createLocalDirectory = (tables: UserTables, clock: Clock): Directory => {
  const now = (): Date => new Date(clock.now());
  return {
    get: async (keys) => {
      assertUserIds(keys);
      return keys.map(tables.get);
    },
    put: async (users) => {
      assertUserIds(users);
      return tables.transaction(() => users.map((user) => put(tables, user, now())));
    },
    register: async (devices) => {
      assertDeviceIds(devices);
      return tables.transaction(() => devices.map((device) => register(tables, device, now())));
    },
    unregister: async (removals) => {
      assertDeviceIds(removals);
      return tables.transaction(() => removals.map((removal) => unregister(tables, removal)));
    },
    list: async ({ tenant, after, limit }) => {
      assertIds({ tenant, user: after });
      return tables.list(tenant, after, limit);
    },
    usersOf: async ({ limit, after, ...query }) => {
      assertIds({ tenant: query.tenant, user: after });
      const ids = formsOf(query).flatMap((form) => tables.owners(query.tenant, query.channel, form, after, limit));
      return [...new Set(ids)].sort(byBytes).slice(0, limit);
    },
    forget: async (keys) => {
      assertUserIds(keys);
      return tables.transaction(() =>
        keys.map((key) => {
          const user = tables.get(key);
          if (user) tables.remove(user);
          return user;
        }),
      );
    },
    close: async () => undefined,
  };
};

/** The order of ids, by their UTF-8 bytes. JavaScript's own order differs beyond U+FFFF. */
export const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
