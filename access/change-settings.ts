import { isDeepStrictEqual } from "node:util";
import { CarillonError } from "../schemas/errors.js";
import type { TenantSettings } from "../stores/tenants/tenants.js";
import { defaultSettings } from "./configured-tenants.js";
import type { SettingsChange } from "./settings-input.js";

type Limits = Readonly<Record<string, number | null>>;
type Lists = Readonly<Record<string, readonly string[]>>;

/** Absent fields stay, and null resets. */
const patched = <Value>(value: Value, change: Value | null | undefined, initial: Value): Value =>
  change === undefined ? value : (change ?? initial);

const patchedLimits = <Fields extends Limits>(
  limits: Fields,
  change: { readonly [Name in keyof Fields]?: number | null | undefined } | null | undefined,
  initial: Fields,
): Fields => {
  if (change === null) return initial;
  const given = Object.entries(change ?? {}).filter(([, value]) => value !== undefined);
  return { ...limits, ...Object.fromEntries(given) };
};

const patchedLists = (lists: Lists, change: Readonly<Record<string, readonly string[] | null | undefined>> | null | undefined): Lists => {
  if (change === null) return {};
  const entries = Object.entries({
    ...lists,
    ...Object.fromEntries(Object.entries(change ?? {}).filter(([, list]) => list !== undefined)),
  });
  return Object.fromEntries(entries.flatMap(([name, list]) => (list ? [[name, list] as const] : [])));
};

/** The settings after a merge patch (RFC 7396); the same object if nothing differs. */
export const settingsAfter = (settings: TenantSettings, change: SettingsChange): TenantSettings => {
  const after = {
    ...settings,
    locale: patched(settings.locale, change.locale, defaultSettings.locale),
    timeZone: patched(settings.timeZone, change.timeZone, defaultSettings.timeZone),
    quotas: patchedLimits(settings.quotas, change.quotas, defaultSettings.quotas),
    rates: patchedLimits(settings.rates, change.rates, defaultSettings.rates),
    senders: patchedLists(settings.senders, change.senders),
  };
  return isDeepStrictEqual(after, settings) ? settings : after;
};

/** Null is no limit, except for the critical rate: there it is that of the installation, which this function does not know. */
const isRaised = (name: string, before: number | null, after: number | null): boolean => {
  if (before === after) return false;
  if (before === null) return name === "criticalPerSecond";
  return after === null || after > before;
};

const raisedIn = (field: string, before: Limits, after: Limits): readonly string[] =>
  Object.keys(after)
    .filter((name) => isRaised(name, before[name] ?? null, after[name] ?? null))
    .map((name) => `${field}.${name}`);

/** A list is no wider if it names fewer senders. One that appears or disappears can allow senders that were not allowed before. */
const widenedIn = (before: Lists, after: Lists): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((channel) => {
      const [old, own] = [before[channel], after[channel]];
      return !isDeepStrictEqual(old, own) && !(old && own?.every((sender) => old.includes(sender)));
    })
    .map((channel) => `senders.${channel}`);

/** Throws FORBIDDEN for a change by which a tenant would lift limits of its own. Only an operator may do that. */
export const assertNotLifted = (before: TenantSettings, after: TenantSettings): void => {
  const lifted = [
    ...raisedIn("quotas", before.quotas, after.quotas),
    ...raisedIn("rates", before.rates, after.rates),
    ...widenedIn(before.senders, after.senders),
  ];
  if (lifted.length === 0) return;
  const which = lifted.join(", ");
  throw new CarillonError("FORBIDDEN", `only a key with the scope operate can raise limits and add senders: ${which}`);
};
