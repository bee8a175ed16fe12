import { defaultSettings } from "../../../access/configured-tenants.js";
import { createTenantLimits, noLimits } from "../../../access/limits/tenant-limits.js";
import { completeMessage } from "../../../client/complete-message.js";
import type { MessageRequested } from "../../../schemas/generated.js";
import { loadConfig } from "../../../service/load-config.js";
import type { Accepter } from "../../../sources/accepter.js";
import { createSending, type Taken } from "../../../sources/sending/sending.js";
import { createMemoryBuckets } from "../../../stores/buckets/memory-buckets.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import { createMemoryClaims } from "../../../stores/claims/memory-claims.js";
import type { UserPut } from "../../../stores/directory/directory.js";
import { createMemoryDirectory } from "../../../stores/directory/memory-directory.js";
import type { TenantSettings } from "../../../stores/tenants/tenants.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

/** Accepting on stores in memory. `settings`: those of each tenant. */
export const setUpSending = (settings?: Partial<TenantSettings>) => {
  const clock = createVirtualClock();
  const known = () => ({ settings: { ...defaultSettings, ...settings } });
  const [buckets, cells] = [createMemoryBuckets(clock), createMemoryCells(clock)];
  const limits = settings ? createTenantLimits({ known, buckets, cells, clock }) : noLimits;
  const config = loadConfig({ environment: {} });
  const claims = createMemoryClaims(clock);
  const directory = createMemoryDirectory(clock);
  const appends: string[][] = [];
  const requests: MessageRequested[] = [];
  let hindrance: (() => Promise<void>) | undefined;
  const accepter: Accepter = {
    accept: async (messages, tenant, traceparent, tracestate) => {
      await hindrance?.();
      appends.push(messages.map(({ to }) => `${tenant} ${to}`));
      const made = messages.map((message) => completeMessage(message, tenant, clock.now(), traceparent, tracestate));
      requests.push(...made);
      return made;
    },
  };
  return {
    clock,
    claims,
    directory,
    /** The tenants and recipients of each append. */
    appends,
    /** Everything that was appended. */
    requests,
    sending: createSending({
      ...{ config, accepter, stores: { claims, directory }, limits, clock },
      sendersOf: () => settings?.senders ?? {},
      defaultsOf: () => settings ?? {},
    }),
    /** Runs before each append from now on. */
    hinder: (by: (() => Promise<void>) | undefined) => {
      hindrance = by;
    },
    /** Stores a user of the tenant `shop`. */
    put: (id: string, more: Partial<UserPut> = {}, tokens: readonly string[] = []) =>
      directory
        .put([{ tenant: "shop", id, addresses: { email: null, sms: null }, locale: null, timeZone: null, attributes: {}, ...more }])
        .then(() => directory.register(tokens.map((address) => ({ tenant: "shop", id, channel: "push", address, app: null })))),
  };
};

/** The recipients of an accepted message, or the cause and field of a refusal. */
export const outcomeOf = (taken: Taken): string =>
  "cause" in taken ? `${taken.cause}: ${taken.errors[0].field}` : taken.requests.map(({ to }) => to).join(" ");
