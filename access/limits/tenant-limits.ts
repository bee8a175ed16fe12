import type { Buckets } from "../../stores/buckets/buckets.js";
import type { Cells } from "../../stores/cells/cells.js";
import type { Clock } from "../../stores/clock.js";
import { keys } from "../../stores/keys.js";
import type { Tenant } from "../../stores/tenants/tenants.js";
import { dayEndIn, dayIn } from "./local-day.js";

export type LimitName = "failed-authentications" | "requests" | "messages" | "messages-per-day";

/** A limit and what is left of it, as answers name it. Source: draft-ietf-httpapi-ratelimit-headers-10. */
export interface LimitState {
  readonly name: LimitName;
  /** Most in a window. */
  readonly quota: number;
  readonly windowSeconds: number;
  readonly left: number;
  /** Until there is more. */
  readonly resetSeconds: number;
}

export interface RequestAllowance {
  readonly granted: boolean;
  readonly limit: LimitState;
}

export interface MessageAllowance {
  /** Messages that may be accepted now, from 0 to the number requested. */
  readonly granted: number;
  /** The limit that refused the others. */
  readonly exceeded: LimitState | undefined;
  /** Returns what was not used to the quota of the day. */
  giveBack(count: number): Promise<void>;
}

/** The limits of tenants, which all processes share. Undefined: the tenant has no such limit, and no store is asked. */
export interface TenantLimits {
  takeRequest(tenant: string): Promise<RequestAllowance> | undefined;
  takeMessages(tenant: string, want: number): Promise<MessageAllowance> | undefined;
}

/** For callers that no limit binds: the shell's user has access to the stores themselves. */
export const noLimits: TenantLimits = { takeRequest: () => undefined, takeMessages: () => undefined };

export interface LimitDependencies {
  /** The tenant as this process knows it. */
  readonly known: (tenant: string) => Pick<Tenant, "settings"> | undefined;
  readonly buckets: Pick<Buckets, "take">;
  readonly cells: Pick<Cells, "add">;
  readonly clock: Pick<Clock, "now">;
}

const mostWindowSeconds = 100;

/** A rate as a whole number in a window of whole seconds. */
const policyOf = (perSecond: number): Pick<LimitState, "quota" | "windowSeconds"> => {
  for (let windowSeconds = 1; windowSeconds < mostWindowSeconds; windowSeconds += 1) {
    const quota = Math.round(perSecond * windowSeconds);
    if (Math.abs(perSecond * windowSeconds - quota) < 1e-9) return { quota, windowSeconds };
  }
  return { quota: Math.floor(perSecond * mostWindowSeconds), windowSeconds: mostWindowSeconds };
};

const bucketOf = { requests: keys.buckets.requestsOf, messages: keys.buckets.messagesOf } as const;

const secondsOf = (ms: number): number => Math.ceil(ms / 1_000);

interface TakenRate {
  readonly granted: number;
  readonly limit: LimitState;
}

const daySeconds = 86_400;
/** A counted day is kept until it is over in every zone. */
const keepDayMs = 3 * daySeconds * 1_000;

export const createTenantLimits = ({ known, buckets, cells, clock }: LimitDependencies): TenantLimits => {
  const takeRate = async (name: "requests" | "messages", tenant: string, perSecond: number, want: number): Promise<TakenRate> => {
    const burst = Math.max(1, Math.ceil(perSecond));
    const { granted, waitMs, left } = await buckets.take(bucketOf[name](tenant), want, { perSecond, burst }, 0);
    const resetMs = granted < want ? waitMs : ((burst - left) / perSecond) * 1_000;
    return { granted, limit: { name, ...policyOf(perSecond), left, resetSeconds: secondsOf(resetMs) } };
  };

  const takeOfDay = async (tenant: string, most: number, timeZone: string, want: number) => {
    const nowMs = clock.now();
    const group = keys.cells.messagesOfDay(dayIn(timeZone, nowMs));
    const add = (amount: number) => cells.add(group, tenant, amount, { most, ttlMs: keepDayMs });
    const { added, total } = await add(want);
    const limit = (): LimitState => ({
      ...{ name: "messages-per-day", quota: most, windowSeconds: daySeconds },
      ...{ left: Math.max(0, most - total), resetSeconds: secondsOf(dayEndIn(timeZone, nowMs) - nowMs) },
    });
    return { granted: added, exceeded: added < want ? limit() : undefined, giveBack: async (count: number) => void (await add(-count)) };
  };

  const takeMessages = async (tenant: string, want: number, { quotas, rates, timeZone }: Tenant["settings"]): Promise<MessageAllowance> => {
    const rate = rates.messagesPerSecond === null ? undefined : await takeRate("messages", tenant, rates.messagesPerSecond, want);
    const within = rate?.granted ?? want;
    const exceeded = within < want ? rate?.limit : undefined;
    if (quotas.messagesPerDay === null || within === 0) return { granted: within, exceeded, giveBack: async () => undefined };
    const day = await takeOfDay(tenant, quotas.messagesPerDay, timeZone ?? "UTC", within);
    // what the rate granted in vain returns by itself within a second
    return { ...day, exceeded: day.exceeded ?? exceeded };
  };

  return {
    takeRequest: (tenant) => {
      const perSecond = known(tenant)?.settings.rates.requestsPerSecond ?? null;
      if (perSecond === null) return undefined;
      return takeRate("requests", tenant, perSecond, 1).then(({ granted, limit }) => ({ granted: granted === 1, limit }));
    },
    takeMessages: (tenant, want) => {
      const settings = known(tenant)?.settings;
      const isLimited = settings && (settings.rates.messagesPerSecond !== null || settings.quotas.messagesPerDay !== null);
      return isLimited ? takeMessages(tenant, want, settings) : undefined;
    },
  };
};

const spanOf = ({ name, windowSeconds }: LimitState): string => {
  if (name === "messages-per-day") return "day";
  return windowSeconds === 1 ? "second" : `${windowSeconds} seconds`;
};

/** The limit that a tenant has reached, for its answer. */
export const limitWords = (limit: LimitState): string =>
  `has reached its limit of ${limit.quota} ${limit.name === "requests" ? "requests" : "messages"} per ${spanOf(limit)}`;
