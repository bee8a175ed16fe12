import type { DeviceChannel, Registration, User } from "../stores/directory/directory.js";

const deviceLine = ({ address, app }: Registration) => (app === null ? address : { address, app });

/** The list of a channel as imports read it; undefined: none. */
const devicesOf = ({ addresses }: User, channel: DeviceChannel) => {
  const devices = addresses[channel].map(deviceLine);
  return devices.length === 0 ? undefined : devices;
};

/** A user as imports read it. Fields without a value are undefined, so that JSON omits them. */
export const userLineOf = (user: User) => {
  const { email, sms, http } = user.addresses;
  return {
    id: user.id,
    addresses: {
      email: email ?? undefined,
      sms: sms ?? undefined,
      push: devicesOf(user, "push"),
      http: http.at(-1)?.address,
      device: devicesOf(user, "device"),
    },
    locale: user.locale ?? undefined,
    timeZone: user.timeZone ?? undefined,
    attributes: Object.keys(user.attributes).length === 0 ? undefined : user.attributes,
  };
};

export type ReadableUser = ReturnType<typeof userLineOf>;
