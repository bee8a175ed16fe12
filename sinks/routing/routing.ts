import { byChannel } from "../../channels/by-channel.js";
import { diagnostics, type Origin } from "../../engine/diagnostics.js";
import { chanceOf } from "../../processors/chance.js";
import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Routing } from "../../processors/routing.js";
import type { Channel, DispatchCommand } from "../../schemas/generated.js";
import { channels } from "../../schemas/vocabulary.js";
import type { Buckets } from "../../stores/buckets/buckets.js";
import type { Cells } from "../../stores/cells/cells.js";
import type { Clock } from "../../stores/clock.js";
import type { ThreadSignals } from "../../stores/thread-signals.js";
import { createHealthExchange, type HealthSnapshots } from "./health-exchange.js";
import { orderOf, type Weighted } from "./order.js";
import type { HealthPolicy, HealthSnapshot } from "./provider-health.js";
import { createLocalMemory, createSharedMemory, type ProviderMemory } from "./provider-memory.js";
import { type ProviderLimits, RoutedProvider, routedCells } from "./routed-provider.js";
import { createSeekPlace, shortWaitMs } from "./seek-place.js";
import { createWaitingRoom } from "./waiting-room.js";

/** The providers for some messages. The first matching route applies. */
export interface Route {
  readonly tenant: string | null;
  readonly lane: string | null;
  /** Prefix of the recipient (a country code) or, with a leading @, its domain. */
  readonly recipient: string | null;
  readonly providers: readonly Weighted[];
}

export interface RoutingPolicy {
  /** The last route of each channel matches every message. */
  readonly routes: Readonly<Record<Channel, readonly Route[]>>;
  readonly limits: (provider: string) => ProviderLimits;
  readonly health: HealthPolicy;
  /** How long an attempt waits for capacity before it is set aside, in milliseconds. */
  readonly capacityWaitMs: number;
}

export interface RoutingDependencies {
  readonly policy: RoutingPolicy;
  readonly providers: Readonly<Record<Channel, readonly Provider[]>>;
  readonly buckets: Buckets;
  readonly cells: Cells;
  readonly clock: Clock;
  readonly instance: string;
  /** The origin of these events. */
  readonly origin: Origin;
  /** The other threads of the process, if any. */
  readonly threads?: RoutingThreads | undefined;
}

/** Routing's connection to the other threads of a process. */
export interface RoutingThreads {
  /** Index of this thread, from 0. */
  readonly number: number;
  /** The provider state that the first thread created. */
  readonly memory?: SharedArrayBuffer | undefined;
  readonly signals: Pick<ThreadSignals, "publish" | "subscribe">;
}

/** Routing with the health of its providers in this process. */
export interface WatchedRouting extends Routing {
  /** This process's provider state, for its other threads. */
  readonly memory: SharedArrayBuffer | undefined;
  health(): readonly { readonly channel: Channel; readonly provider: string; readonly health: HealthSnapshot }[];
}

/** Whether a route applies to a message. */
export const fits = ({ tenant, lane, recipient }: Route, command: Pick<DispatchCommand, "tenant" | "lane" | "to">): boolean =>
  (tenant === null || tenant === command.tenant) &&
  (lane === null || lane === command.lane) &&
  (recipient === null || (recipient.startsWith("@") ? command.to.toLowerCase().endsWith(recipient) : command.to.startsWith(recipient)));

const roomSignal = "room";

const memoryOf = (providers: number, threads: RoutingThreads | undefined): ProviderMemory =>
  threads
    ? createSharedMemory({ providers, cellsEach: routedCells, thread: threads.number, shared: threads.memory })
    : createLocalMemory(routedCells);

/** Chooses providers by route, weight, limits and health. Shares health with other processes. */
export const createRouting = (dependencies: RoutingDependencies): WatchedRouting => {
  const { policy, providers, buckets, cells, clock, instance, origin, threads } = dependencies;
  const room = createWaitingRoom(clock);
  const freed = (others: boolean): void => {
    if (others) threads?.signals.publish(roomSignal, null);
    else room.wakeOne();
  };
  threads?.signals.subscribe(roomSignal, room.wakeOne);
  const seekPlace = createSeekPlace(policy.capacityWaitMs, clock, room);
  const called = ({ channel, name }: Provider, { kind }: SendOutcome, tookMs: number): void =>
    diagnostics.providerCall.publish(origin, { channel, provider: name, outcome: kind, tookMs });
  const observer = { freed, called };
  const memory = memoryOf(channels.flatMap((channel) => providers[channel]).length, threads);
  let number = 0;
  const routedOf = (channel: Channel): ReadonlyMap<string, RoutedProvider> =>
    new Map(
      providers[channel].map((provider) => [
        provider.name,
        new RoutedProvider(provider, policy.limits(provider.name), policy.health, buckets, clock, observer, memory, number++),
      ]),
    );
  const routedProviders = byChannel(routedOf);
  const all = channels.flatMap((channel) =>
    [...routedProviders[channel]].map(([provider, routed]) => ({ key: `${channel}/${provider}`, channel, provider, routed })),
  );
  const byKey = new Map(all.map(({ key, routed }) => [key, routed]));
  const exchange = createHealthExchange(
    cells,
    instance,
    clock.now,
    (): HealthSnapshots => Object.fromEntries(all.map(({ key, routed }) => [key, routed.snapshot()])),
    (key, others) => byKey.get(key)?.learn(others),
    memory,
  );

  const candidatesOf = (command: DispatchCommand, failed: readonly string[]): readonly Weighted[] => {
    const route = policy.routes[command.channel].find((candidate) => fits(candidate, command))?.providers ?? [];
    const there = route.filter(({ name }) => routedProviders[command.channel].has(name));
    // if none of a route's providers exist (in a test, for example), all existing ones are used
    const known = there.length > 0 ? there : [...routedProviders[command.channel].keys()].map((name) => ({ name, weight: 1 }));
    const fresh = known.filter(({ name }) => !failed.includes(name));
    return fresh.length > 0 ? fresh : known;
  };
  const inOrder = (command: DispatchCommand): readonly RoutedProvider[] => {
    const here = routedProviders[command.channel];
    const candidates = candidatesOf(command, command.tried);
    const order = orderOf(candidates, (name) => here.get(name)?.share ?? 1, chanceOf(`${command.messageId}:${command.attempt}:route`));
    return order.flatMap((name) => here.get(name) ?? []);
  };
  return {
    choose: (command, stop) => {
      exchange.tick();
      const order = inOrder(command);
      const [routed] = order;
      const entry = routed?.enter(command, order.length === 1 ? policy.capacityWaitMs : shortWaitMs, stop);
      return entry && !(entry instanceof Promise) && entry.provider ? entry : seekPlace(order, entry, command, stop.signal);
    },
    hasAnother: (command, failed) =>
      candidatesOf(command, failed).some(({ name }) => !failed.includes(name) && routedProviders[command.channel].get(name)?.open === true),
    health: () => all.map(({ channel, provider, routed }) => ({ channel, provider, health: routed.snapshot() })),
    memory: memory.shared,
    receiptCame: (channel, provider, afterMs) => routedProviders[channel].get(provider)?.receiptCame(afterMs),
  };
};
