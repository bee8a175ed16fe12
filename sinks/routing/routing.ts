import { setMaxListeners } from "node:events";
import { byChannel } from "../../channels/by-channel.js";
import { diagnostics, type Origin } from "../../engine/diagnostics.js";
import { chanceOf } from "../../processors/chance.js";
import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Place, Routing, Wait } from "../../processors/routing.js";
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
import { type Entry, type ProviderLimits, type Refusal, RoutedProvider, routedCells } from "./routed-provider.js";

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
  readonly patienceMs: number;
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

/** Capacity that became free may belong to another tenant. Waiting records check again after this. */
const lookAgainMs = 250;
/** How long a provider may take to grant a token while others remain to try. */
const shortPatienceMs = 250;

const fits = ({ tenant, lane, recipient }: Route, command: DispatchCommand): boolean =>
  (tenant === null || tenant === command.tenant) &&
  (lane === null || lane === command.lane) &&
  (recipient === null || (recipient.startsWith("@") ? command.to.toLowerCase().endsWith(recipient) : command.to.startsWith(recipient)));

/** The records that wait for capacity, in order of arrival. */
const createWaitingRoom = (clock: Clock) => {
  const waiting = new Set<() => void>();
  return {
    /** Resolves when capacity becomes free, after `ms`, or when the signal aborts. */
    wait: (ms: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          cancel();
          signal.removeEventListener("abort", wake);
          resolve();
        };
        const cancel = clock.after(ms, wake);
        // there are as many listeners as records in flight
        setMaxListeners(0, signal);
        signal.addEventListener("abort", wake, { once: true });
        waiting.add(wake);
      }),
    wakeOne: (): void => {
      const [first] = waiting;
      first?.();
    },
  };
};

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
    diagnostics.providerCall.publish(origin, { channel, provider: name, outcome: kind, tookMs });
  const told = { freed, called };
  const memory = memoryOf(channels.flatMap((channel) => providers[channel]).length, threads);
  let number = 0;
  const routedOf = (channel: Channel): ReadonlyMap<string, RoutedProvider> =>
    new Map(
      providers[channel].map((provider) => [
        provider.name,
        new RoutedProvider(provider, policy.limits(provider.name), policy.health, buckets, clock, told, memory, number++),
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
  const earliest = (refusals: readonly Wait[], command: DispatchCommand): Wait => {
    const [
      first = {
        reason: "provider_unavailable" as const,
        detail: `no provider is configured for ${command.channel}`,
        untilMs: clock.now() + 60_000,
      },
    ] = [...refusals].sort((one, other) => one.untilMs - other.untilMs);
    // spreads records that wait for the same moment
    const spreadMs = Math.max(first.untilMs - clock.now(), 1_000) * 0.5 * chanceOf(`${command.messageId}:wait`);
    return { reason: first.reason, detail: first.detail, untilMs: Math.ceil(first.untilMs + spreadMs) };
  };
  /** Tries the providers in order. `first` is the answer of the first one. */
  const askInOrder = async (
    order: readonly RoutedProvider[],
    first: Entry | Promise<Entry> | undefined,
    command: DispatchCommand,
    endMs: number,
    signal: AbortSignal,
  ): Promise<Place | readonly Refusal[]> => {
    const refusals: Refusal[] = [];
    for (const [index, routed] of order.entries()) {
      const left = Math.max(endMs - clock.now(), 0);
      const patience = index === order.length - 1 ? left : Math.min(left, shortPatienceMs);
      const entry = await (index === 0 && first ? first : routed.enter(command, patience, { signal }));
      if (entry.provider) return entry;
      refusals.push(entry);
    }
    return refusals;
  };
  /** Retries while capacity may become free. */
  const seek = async (
    order: readonly RoutedProvider[],
    first: Entry | Promise<Entry> | undefined,
    command: DispatchCommand,
    signal: AbortSignal,
  ): Promise<Place | Wait> => {
    const endMs = clock.now() + policy.patienceMs;
    for (let asked = first; ; asked = undefined) {
      const found = await askInOrder(order, asked, command, endMs, signal);
      if ("provider" in found) return found;
      const left = endMs - clock.now();
      if (signal.aborted) return { ...earliest(found, command), untilMs: clock.now() };
      if (left <= 0 || !found.some(({ busy }) => busy)) return earliest(found, command);
      const waits = order.map((routed) => routed.wait());
      await room.wait(Math.min(left, lookAgainMs), signal);
      for (const end of waits) end();
    }
  };
  return {
    choose: (command, stop) => {
      exchange.tick();
      const order = inOrder(command);
      const [routed] = order;
      const entry = routed?.enter(command, order.length === 1 ? policy.patienceMs : shortPatienceMs, stop);
      return entry && !(entry instanceof Promise) && entry.provider ? entry : seek(order, entry, command, stop.signal);
    },
    hasAnother: (command, failed) =>
      candidatesOf(command, failed).some(({ name }) => !failed.includes(name) && routedProviders[command.channel].get(name)?.open === true),
    health: () => all.map(({ channel, provider, routed }) => ({ channel, provider, health: routed.snapshot() })),
    memory: memory.shared,
    receiptCame: (channel, provider, afterMs) => routedProviders[channel].get(provider)?.receiptCame(afterMs),
  };
};
