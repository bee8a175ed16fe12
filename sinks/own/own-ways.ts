import type { TenantSnapshot } from "../../access/tenant-snapshot.js";
import type { MaybePromise } from "../../engine/stage.js";
import type { Wait } from "../../processors/routing.js";
import type { Channel } from "../../schemas/generated.js";
import type { Clock } from "../../stores/clock.js";
import type { Weighted } from "../routing/order.js";
import type { RoutedProvider } from "../routing/routed-provider.js";
import type { Way } from "../routing/way.js";
import type { OwnUse } from "./open-lines.js";
import type { OwnCatalog } from "./own-catalog.js";
import type { OwnLines } from "./own-lines.js";
import { type Message, type Step, stepsOf } from "./own-route.js";
import { scopedName } from "./scoped-name.js";

/** The providers of the installation that a tenant may use. */
export type SharedProviders = (message: Message, name: string) => RoutedProvider | undefined;

/** The ways of tenants with routes of their own. */
export interface OwnWays {
  /** Undefined: the tenant has no route of its own for the channel. */
  wayOf(message: Message, shared: SharedProviders): MaybePromise<Way | undefined>;
  /** The providers of the tenant's route that may accept a message now; undefined: it has none, or none is known without waiting. */
  openOf(message: Message, shared: SharedProviders): readonly string[] | undefined;
  find(scoped: string, channel: Channel): RoutedProvider | undefined;
}

/** A provider of a route, or why it is not there. */
interface Found {
  readonly name: string;
  readonly routed?: RoutedProvider | undefined;
  readonly letGo?: () => void;
  readonly wait?: Wait;
}

/** The first takes every message, and the next ones take what it cannot. */
const weighted = (names: readonly string[]): readonly Weighted[] => names.map((name, index) => ({ name, weight: index === 0 ? 1 : 0 }));

const foundOf = (name: string, taken: OwnUse | Wait): Found => ("routed" in taken ? { name, ...taken } : { name, wait: taken });

const [unknownForMs, noneForMs] = [5_000, 60_000];

const wayOver = (found: readonly Found[], nowMs: number): Way => {
  const byName = new Map(found.map((one) => [one.name, one]));
  const there = found.filter(({ routed }) => routed !== undefined);
  const waits = found.flatMap(({ wait }) => wait ?? []).sort((one, other) => one.untilMs - other.untilMs);
  const names = found.map(({ name }) => name).join(", ");
  const detail = `the tenant's route names no provider that it can use: ${names}`;
  return {
    route: weighted(there.map(({ name }) => name)),
    find: (name) => byName.get(name)?.routed,
    missing: waits[0] ?? { reason: "account_rejected", detail, untilMs: nowMs + noneForMs },
    release: (place) => {
      const kept = place?.provider?.name;
      for (const { name, letGo } of found) if (name !== kept) letGo?.();
      return () => byName.get(kept ?? "")?.letGo?.();
    },
  };
};

export const createOwnWays = (catalog: Pick<OwnCatalog, "tenants">, lines: OwnLines, clock: Pick<Clock, "now">): OwnWays => {
  const unknown = (): Way => {
    const detail = "the routes of tenants cannot be read at the moment";
    return { route: [], find: () => undefined, missing: { reason: "provider_unavailable", detail, untilMs: clock.now() + unknownForMs } };
  };
  const findStep = (step: Step, { tenant, channel }: Message, shared: SharedProviders): MaybePromise<Found> => {
    if ("shared" in step) return { name: step.shared, routed: shared({ tenant, channel }, step.shared) };
    const scoped = scopedName(tenant, step.name);
    const taken = lines.take({ scoped, channel, stored: step.stored });
    return taken instanceof Promise ? taken.then((one) => foundOf(scoped, one)) : foundOf(scoped, taken);
  };
  const wayIn = (snapshot: TenantSnapshot, message: Message, shared: SharedProviders): MaybePromise<Way | undefined> => {
    const steps = stepsOf(snapshot, message);
    if (!steps) return undefined;
    const found = steps.map((step) => findStep(step, message, shared));
    const ready = found.flatMap((one) => (one instanceof Promise ? [] : [one]));
    if (ready.length === found.length) return wayOver(ready, clock.now());
    return Promise.all(found).then((all) => wayOver(all, clock.now()));
  };
  const isOpen = (step: Step, message: Message, shared: SharedProviders): readonly string[] => {
    if ("shared" in step) return shared(message, step.shared)?.open ? [step.shared] : [];
    const scoped = scopedName(message.tenant, step.name);
    // one that was not used yet is opened for the attempt
    return (lines.find(scoped, message.channel)?.open ?? true) ? [scoped] : [];
  };
  return {
    wayOf: (message, shared) => {
      const tenants = catalog.tenants();
      if (!(tenants instanceof Promise)) return tenants ? wayIn(tenants, message, shared) : unknown();
      return tenants.then((known) => (known ? wayIn(known, message, shared) : unknown()));
    },
    openOf: (message, shared) => {
      const tenants = catalog.tenants();
      const steps = !tenants || tenants instanceof Promise ? undefined : stepsOf(tenants, message);
      return steps?.flatMap((step) => isOpen(step, message, shared));
    },
    find: lines.find,
  };
};
