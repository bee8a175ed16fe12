import {
  type DeviceOfUser,
  type Directory,
  deviceChannels,
  directoryBounds,
  type PutAnswer,
  type User,
  type UserPut,
} from "../stores/directory/directory.js";
import type { GivenDevice, UserLine } from "./user-input.js";

/** A user to store, checked. */
export interface UserToStore extends UserLine {
  /** See UserPut. */
  readonly revision?: number | undefined;
}

/** The registrations that a user must have afterwards; undefined: they stay as they are. */
const wantedDevices = ({ addresses }: UserLine): Readonly<Record<(typeof deviceChannels)[number], readonly GivenDevice[] | undefined>> => ({
  push: addresses?.push,
  http: addresses?.http === undefined ? undefined : addresses.http === null ? [] : [{ address: addresses.http, app: null }],
  device: addresses?.device,
});

const hasDevices = (user: UserLine): boolean => Object.values(wantedDevices(user)).some((devices) => devices !== undefined);

const putOf = (tenant: string, { id, addresses, locale, timeZone, attributes, revision }: UserToStore): UserPut => ({
  tenant,
  id,
  addresses: { email: addresses?.email ?? null, sms: addresses?.sms ?? null },
  locale: locale ?? null,
  timeZone: timeZone ?? null,
  attributes: attributes ?? {},
  ...(revision === undefined ? {} : { revision }),
});

interface DeviceChanges {
  readonly gone: DeviceOfUser[];
  readonly added: DeviceOfUser[];
}

/** Compares the registrations of a user with the wanted ones. A wanted one without an app stands for one of any app. */
const addChanges = (changes: DeviceChanges, { tenant, id, addresses }: User, wanted: UserLine): void => {
  const lists = wantedDevices(wanted);
  for (const channel of deviceChannels) {
    const list = lists[channel];
    if (!list) continue;
    const isMeant = (given: GivenDevice, own: GivenDevice): boolean =>
      given.address === own.address && (given.app === null || given.app === own.app);
    const owned = addresses[channel];
    for (const { address, app } of owned)
      if (!list.some((given) => isMeant(given, { address, app }))) changes.gone.push({ tenant, id, channel, address, app });
    for (const given of list)
      if (!owned.some(({ address, app }) => isMeant(given, { address, app }))) changes.added.push({ tenant, id, channel, ...given });
  }
};

const inCalls = async <Item>(items: readonly Item[], call: (some: readonly Item[]) => Promise<unknown>): Promise<void> => {
  for (let from = 0; from < items.length; from += directoryBounds.batch) await call(items.slice(from, from + directoryBounds.batch));
};

/**
 * Stores users, each id at most once, and makes their registrations the given ones. A crash can leave a user without some of them.
 * Repeating the call completes it. At most `directoryBounds.batch` users.
 */
export const storeUsers = async (directory: Directory, tenant: string, users: readonly UserToStore[]): Promise<readonly PutAnswer[]> => {
  const answers = await directory.put(users.map((user) => putOf(tenant, user)));
  const wanting = users.filter((user, index) => answers[index]?.state === "stored" && hasDevices(user));
  if (wanting.length === 0) return answers;
  const stored = await directory.get(wanting.map(({ id }) => ({ tenant, id })));
  const changes: DeviceChanges = { gone: [], added: [] };
  wanting.forEach((user, index) => {
    const now = stored[index];
    if (now) addChanges(changes, now, user);
  });
  // first, so that the bound on registrations does not replace one that stays
  await inCalls(changes.gone, directory.unregister);
  await inCalls(changes.added, directory.register);
  return answers;
};
