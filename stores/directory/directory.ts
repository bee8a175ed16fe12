/** Channels with at most one address per user. */
export const singleChannels = ["email", "sms"] as const;
/** Channels with any number of registered addresses per user. */
export const deviceChannels = ["push", "http", "device"] as const;
export type SingleChannel = (typeof singleChannels)[number];
export type DeviceChannel = (typeof deviceChannels)[number];
export type AddressChannel = SingleChannel | DeviceChannel;
export const addressChannels = [...singleChannels, ...deviceChannels] as const;

/** Bounds of users. The adapters enforce `batch` and `registrations`. Callers check the others before they write. */
export const directoryBounds = {
  /** Users or registrations in one call. */
  batch: 1_000,
  /** Bytes of one address. Endpoints of Web Push are the longest. */
  addressBytes: 2_048,
  /** Registrations of one user and channel. A further one replaces the oldest. */
  registrations: 50,
  /** Attributes of one user: number, and bytes as JSON. */
  attributes: 100,
  attributeBytes: 8_192,
} as const;

/** A token or endpoint that a device of the user registered. */
export interface Registration {
  readonly address: string;
  /** The app that the token belongs to; null if there is only one. */
  readonly app: string | null;
  readonly registeredAt: Date;
}

export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface UserKey {
  readonly tenant: string;
  readonly id: string;
}

/** A person or account of a tenant. */
export interface User extends UserKey {
  readonly addresses: Readonly<Record<SingleChannel, string | null>> & Readonly<Record<DeviceChannel, readonly Registration[]>>;
  readonly locale: string | null;
  /** IANA name. */
  readonly timeZone: string | null;
  readonly attributes: Attributes;
  readonly createdAt: Date;
  /** When the user was last put. */
  readonly changedAt: Date;
  /** 1 at first. Grows by one with each put. Registrations do not change it. */
  readonly revision: number;
}

/** A user to create or replace. Registrations stay as they are: they have their own calls. */
export interface UserPut extends UserKey, Pick<User, SingleField> {
  readonly addresses: Readonly<Record<SingleChannel, string | null>>;
  /** Store only if the user's revision is this one; 0: only if there is no such user. Default: store in any case. */
  readonly revision?: number | undefined;
}
type SingleField = "locale" | "timeZone" | "attributes";

/** `conflict`: the user's revision is another one, 0 if there is no user. */
export type PutAnswer = { readonly state: "stored" | "conflict"; readonly revision: number };

/** One physical token or endpoint. */
export interface DeviceAddress {
  readonly tenant: string;
  readonly channel: DeviceChannel;
  readonly address: string;
  readonly app: string | null;
  /** Other forms in which the store may hold the address: plain, or sealed under other keys. */
  readonly otherForms?: readonly string[];
}

export interface DeviceOfUser extends DeviceAddress, UserKey {}

export interface Removal extends DeviceAddress {
  /** Remove only if this user has it. */
  readonly id?: string | undefined;
  /** Remove only if it was registered before this time. */
  readonly before?: Date | undefined;
}

export interface AddressQuery {
  readonly tenant: string;
  readonly channel: AddressChannel;
  readonly address: string;
  readonly otherForms?: readonly string[];
  /** Only users after this id. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface UserPage {
  readonly tenant: string;
  /** Only users after this id. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface Users {
  get(keys: readonly UserKey[]): Promise<readonly (User | undefined)[]>;
  put(users: readonly UserPut[]): Promise<readonly PutAnswer[]>;
  list(page: UserPage): Promise<readonly User[]>;
  /**
   * Removes users with their registrations. Answers what was removed. Repeat a call that failed: it removes what a broken one left, which is
   * invisible but stored.
   */
  forget(keys: readonly UserKey[]): Promise<readonly (User | undefined)[]>;
}

export interface Registrations {
  /** Gives each token to its user, and takes it from any other. Registering again renews `registeredAt`. False: there is no such user. */
  register(devices: readonly DeviceOfUser[]): Promise<readonly boolean[]>;
  /** False: there was nothing to remove. */
  unregister(removals: readonly Removal[]): Promise<readonly boolean[]>;
  /** Ids of the users with exactly this address. */
  usersOf(query: AddressQuery): Promise<readonly string[]>;
}

/**
 * The users of all tenants. Ids of different tenants never meet.
 * Batches: at most `directoryBounds.batch` items, or the call rejects INPUT_INVALID. Answers are in the order of the items. Each item is a
 * separate step, and the items of one call happen in their order.
 * Order: pages are ordered by the UTF-8 bytes of the id. A user that exists during the whole listing is listed once.
 * Atomicity: of any number of concurrent registrations of a token, exactly one stands at the end, and no user but its owner has it.
 * Durability: an answer means that the change is durable.
 * All methods reject INPUT_INVALID for an id longer than `mostIdBytes`, and STORE_DAMAGED for a stored user of another shape.
 */
export interface Directory extends Users, Registrations {
  close(): Promise<void>;
}
