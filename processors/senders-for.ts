import type { TenantSenders } from "../access/tenant-rules.js";

/** The senders of a tenant for one channel; undefined: those of the configuration. */
export const sendersFor = (senders: TenantSenders, channel: string): readonly string[] | undefined =>
  Object.hasOwn(senders, channel) ? senders[channel] : undefined;
