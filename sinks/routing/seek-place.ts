import { chanceOf } from "../../processors/chance.js";
import type { Place, Wait } from "../../processors/routing.js";
import type { DispatchCommand } from "../../schemas/generated.js";
import type { Clock } from "../../stores/clock.js";
import type { Entry, Refusal, RoutedProvider } from "./routed-provider.js";
import type { WaitingRoom } from "./waiting-room.js";

/** Capacity that became free may belong to another tenant. Waiting records check again after this. */
const lookAgainMs = 250;
/** How long a provider may take to grant a token while others remain to try. */
export const shortWaitMs = 250;

/** The refusal that ends first. */
const earliest = (refusals: readonly Wait[], command: DispatchCommand, nowMs: number): Wait => {
  const [
    first = {
      reason: "provider_unavailable" as const,
      detail: `no provider is configured for ${command.channel}`,
      untilMs: nowMs + 60_000,
    },
  ] = [...refusals].sort((one, other) => one.untilMs - other.untilMs);
  // spreads records that wait for the same moment
  const spreadMs = Math.max(first.untilMs - nowMs, 1_000) * 0.5 * chanceOf(`${command.messageId}:wait`);
  return { reason: first.reason, detail: first.detail, untilMs: Math.ceil(first.untilMs + spreadMs) };
};

/** Seeks a place at the providers, in order. `first` is the answer of the first one, if it was asked already. */
export type SeekPlace = (
  order: readonly RoutedProvider[],
  first: Entry | Promise<Entry> | undefined,
  command: DispatchCommand,
  signal: AbortSignal,
) => Promise<Place | Wait>;

/** Retries while capacity may become free, for at most `capacityWaitMs`. */
export const createSeekPlace = (capacityWaitMs: number, clock: Clock, room: WaitingRoom): SeekPlace => {
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
      const waitMs = index === order.length - 1 ? left : Math.min(left, shortWaitMs);
      const entry = await (index === 0 && first ? first : routed.enter(command, waitMs, { signal }));
      if (entry.provider) return entry;
      refusals.push(entry);
    }
    return refusals;
  };
  return async (order, first, command, signal) => {
    const endMs = clock.now() + capacityWaitMs;
    for (let asked = first; ; asked = undefined) {
      const found = await askInOrder(order, asked, command, endMs, signal);
      if ("provider" in found) return found;
      const left = endMs - clock.now();
      if (signal.aborted) return { ...earliest(found, command, clock.now()), untilMs: clock.now() };
      if (left <= 0 || !found.some(({ busy }) => busy)) return earliest(found, command, clock.now());
      const waits = order.map((routed) => routed.wait());
      await room.wait(Math.min(left, lookAgainMs), signal);
      for (const end of waits) end();
    }
  };
};
