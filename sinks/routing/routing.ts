import { byChannel } from "../../channels/by-channel.js";
import { diagnostics, type Origin } from "../../engine/diagnostics.js";
import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Routing } from "../../processors/routing.js";
import type { Channel } from "../../schemas/generated.js";
import { channels } from "../../schemas/vocabulary.js";
import type { Buckets } from "../../stores/buckets/buckets.js";
import type { Cells } from "../../stores/cells/cells.js";
import type { Clock } from "../../stores/clock.js";
import type { ThreadSignals } from "../../stores/thread-signals.js";
import type { OwnWays } from "../own/own-ways.js";
import { metricNameOf } from "../own/scoped-name.js";
import { createConfiguredWays, type Route } from "./configured-ways.js";
import { createHealthExchange, type HealthSnapshots } from "./health-exchange.js";
import type { HealthPolicy, HealthSnapshot } from "./provider-health.js";
import { createLocalMemory, createSharedMemory, type ProviderMemory } from "./provider-memory.js";
import { type ProviderLimits, RoutedProvider, routedCells } from "./routed-provider.js";
import { createSeekWay } from "./seek-way.js";
import { createWaitingRoom } from "./waiting-room.js";

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
  /** The ways of tenants with routes of their own. `makeRouted`: makes their providers part of this routing. */
  readonly own?: ((makeRouted: MakeRouted) => OwnWays) | undefined;
}

export type MakeRouted = (provider: Provider, limits: ProviderLimits) => RoutedProvider;

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
  const called = ({ channel, name }: Provider, { kind }: SendOutcome, tookMs: number): void =>
    diagnostics.providerCall.publish(origin, { channel, provider: metricNameOf(name), outcome: kind, tookMs });
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

  const own = dependencies.own?.((provider, limits) => new RoutedProvider(provider, limits, policy.health, buckets, clock, observer));
  const configured = createConfiguredWays(policy.routes, routedProviders);
  const seek = createSeekWay(policy.capacityWaitMs, clock, room);
  return {
    choose: (command, stop) => {
      exchange.tick();
      const way = own?.wayOf(command, configured.shared);
      if (way instanceof Promise) return way.then((known) => seek(known ?? configured.wayOf(command), command, stop));
      return seek(way ?? configured.wayOf(command), command, stop);
    },
    hasAnother: (command, failed) => {
      const isLeft = (name: string): boolean => !failed.includes(name);
      const ownOnes = own?.openOf(command, configured.shared);
      if (ownOnes) return ownOnes.some(isLeft);
      const way = configured.wayOf(command);
      return way.route.some(({ name }) => isLeft(name) && way.find(name)?.open === true);
    },
    health: () => all.map(({ channel, provider, routed }) => ({ channel, provider, health: routed.snapshot() })),
    memory: memory.shared,
    receiptCame: (channel, provider, afterMs) =>
      (routedProviders[channel].get(provider) ?? own?.find(provider, channel))?.receiptCame(afterMs),
  };
};
