import { createHash } from "node:crypto";
import { assertBatch } from "../assert-batch.js";
import { assertIds } from "../id-keys.js";
import {
  type AddressChannel,
  type DeviceAddress,
  type DeviceChannel,
  deviceChannels,
  directoryBounds,
  type Registration,
  singleChannels,
  type User,
  type UserKey,
  type UserPut,
} from "./directory.js";

export const assertUserIds = (keys: readonly UserKey[]): void => {
  assertBatch(keys, directoryBounds.batch);
  for (const { tenant, id } of keys) assertIds({ tenant, user: id });
};

export const assertDeviceIds = (devices: readonly (DeviceAddress & { readonly id?: string | undefined })[]): void => {
  assertBatch(devices, directoryBounds.batch);
  for (const { tenant, id, app } of devices) assertIds({ tenant, user: id, app });
};

/** A short name of texts, for keys: addresses can be longer than keys. */
export const digestOf = (...texts: readonly string[]): string => createHash("sha256").update(JSON.stringify(texts)).digest("base64url");

/** Whether the put names another revision than the stored one. */
export const conflicts = (stored: Pick<User, "revision"> | undefined, { revision }: UserPut): boolean =>
  revision !== undefined && revision !== (stored?.revision ?? 0);

/** The user after the put. */
export const putInto = (stored: User | undefined, { tenant, id, addresses, locale, timeZone, attributes }: UserPut, now: Date): User => ({
  tenant,
  id,
  addresses: {
    email: addresses.email,
    sms: addresses.sms,
    push: stored?.addresses.push ?? [],
    http: stored?.addresses.http ?? [],
    device: stored?.addresses.device ?? [],
  },
  locale,
  timeZone,
  attributes,
  createdAt: stored?.createdAt ?? now,
  changedAt: now,
  revision: (stored?.revision ?? 0) + 1,
});

const withDevices = (user: User, channel: DeviceChannel, devices: readonly Registration[]): User => ({
  ...user,
  addresses: { ...user.addresses, [channel]: devices },
});

/** The user without the registrations that `fits` selects. */
export const withoutDevices = (user: User, channel: DeviceChannel, fits: (registration: Registration) => boolean): User =>
  withDevices(
    user,
    channel,
    user.addresses[channel].filter((registration) => !fits(registration)),
  );

/** Registrations in their order, oldest first, without the oldest ones beyond the bound. */
export const bounded = <Some extends { readonly registeredAt: Date }>(registrations: readonly Some[]): readonly Some[] =>
  [...registrations].sort((one, other) => one.registeredAt.getTime() - other.registeredAt.getTime()).slice(-directoryBounds.registrations);

export const withDevice = (user: User, channel: DeviceChannel, registration: Registration): User =>
  withDevices(user, channel, bounded([...user.addresses[channel], registration]));

/** Every address of a user. */
export const addressesOf = ({ addresses }: User): { channel: AddressChannel; address: string; app: string | null }[] => [
  ...singleChannels.flatMap((channel) => {
    const address = addresses[channel];
    return address === null ? [] : [{ channel, address, app: null }];
  }),
  ...deviceChannels.flatMap((channel) => addresses[channel].map(({ address, app }) => ({ channel, address, app }))),
];
