import {
  type Attributes,
  type DeviceAddress,
  type Directory,
  deviceChannels,
  type Registration,
  type User,
} from "../directory/directory.js";
import { type KeyRing, sealedPrefix } from "./key-ring.js";

/** The attribute that holds all attributes of a user, sealed as JSON. */
const sealedAttribute = "sealed";

const sealAttributes = (ring: KeyRing, attributes: Attributes): Attributes =>
  ring.activePrefix === undefined || Object.keys(attributes).length === 0
    ? attributes
    : { [sealedAttribute]: ring.sealText(JSON.stringify(attributes)) };

/** A text that no key opens, or that only looks sealed, must not make the user unreadable. It is returned as stored. */
const openText = (ring: KeyRing, text: string): string => {
  try {
    return ring.openText(text);
  } catch {
    return text;
  }
};

const openAttributes = (ring: KeyRing, attributes: Attributes): Attributes => {
  const { [sealedAttribute]: sealed, ...others } = attributes;
  if (typeof sealed !== "string" || !sealed.startsWith(sealedPrefix) || Object.keys(others).length > 0) return attributes;
  try {
    return JSON.parse(ring.openText(sealed)) as Attributes;
  } catch {
    return attributes;
  }
};

const openUser = (ring: KeyRing, user: User): User => {
  const open = (text: string | null): string | null => (text === null ? null : openText(ring, text));
  const { email, sms, ...devices } = user.addresses;
  const opened = deviceChannels.map((channel): [string, readonly Registration[]] => [
    channel,
    devices[channel].map((one) => ({ ...one, address: openText(ring, one.address) })),
  ]);
  return {
    ...user,
    addresses: { ...devices, ...Object.fromEntries(opened), email: open(email), sms: open(sms) },
    attributes: openAttributes(ring, user.attributes),
  };
};

/** The address as it is stored from now on, and all forms in which it may be stored already. */
const sealForms = <Some extends Pick<DeviceAddress, "address">>(
  ring: KeyRing,
  of: Some,
): Some & { readonly otherForms: readonly string[] } => {
  const address = ring.sealText(of.address);
  return { ...of, address, otherForms: ring.formsOf(of.address).filter((form) => form !== address) };
};

/**
 * A directory that seals addresses and attributes, and decrypts its answers. Sealing an address is deterministic, so that it can be found.
 * Ids, locales and time zones stay readable.
 */
export const sealedDirectory = (directory: Directory, ring: KeyRing): Directory => {
  const openAll = (users: readonly (User | undefined)[]) => users.map((user) => user && openUser(ring, user));
  return {
    get: async (keys) => openAll(await directory.get(keys)),
    put: (users) =>
      directory.put(
        users.map(({ addresses: { email, sms }, attributes, ...user }) => ({
          ...user,
          addresses: { email: email === null ? null : ring.sealText(email), sms: sms === null ? null : ring.sealText(sms) },
          attributes: sealAttributes(ring, attributes),
        })),
      ),
    register: (devices) => directory.register(devices.map((device) => sealForms(ring, device))),
    unregister: (removals) => directory.unregister(removals.map((removal) => sealForms(ring, removal))),
    list: async (page) => (await directory.list(page)).map((user) => openUser(ring, user)),
    usersOf: (query) => directory.usersOf(sealForms(ring, query)),
    forget: async (keys) => openAll(await directory.forget(keys)),
    close: directory.close,
  };
};
