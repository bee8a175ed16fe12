import type { MaybePromise } from "../../engine/stage.js";
import { chanceOf } from "../../processors/chance.js";
import type { Place, Wait } from "../../processors/routing.js";
import type { DispatchCommand } from "../../schemas/generated.js";
import type { Clock } from "../../stores/clock.js";
import { orderOf, type Weighted } from "./order.js";
import type { RoutedProvider } from "./routed-provider.js";
import { createSeekPlace, shortWaitMs } from "./seek-place.js";
import type { WaitingRoom } from "./waiting-room.js";
import type { Way } from "./way.js";

const untried = ({ route }: Way, failed: readonly string[]): readonly Weighted[] => {
  const fresh = route.filter(({ name }) => !failed.includes(name));
  return fresh.length > 0 ? fresh : route;
};

const inOrder = (way: Way, command: DispatchCommand): readonly RoutedProvider[] => {
  const shareOf = (name: string): number => way.find(name)?.share ?? 1;
  const order = orderOf(untried(way, command.tried), shareOf, chanceOf(`${command.messageId}:${command.attempt}:route`));
  return order.flatMap((name) => way.find(name) ?? []);
};

/** A place that also lets go of its provider when it is left. */
const leftWith = (place: Place, letGo: () => void): Place => ({
  provider: place.provider,
  leave: (outcome, tookMs) => {
    place.leave(outcome, tookMs);
    letGo();
  },
});

/** Seeks a place on a way. */
export const createSeekWay = (capacityWaitMs: number, clock: Clock, room: WaitingRoom) => {
  const seekPlace = createSeekPlace(capacityWaitMs, clock, room);
  const seek = (way: Way, command: DispatchCommand, stop: { readonly signal: AbortSignal }): MaybePromise<Place | Wait> => {
    const order = inOrder(way, command);
    const [routed] = order;
    if (!routed && way.missing) return way.missing;
    const entry = routed?.enter(command, order.length === 1 ? capacityWaitMs : shortWaitMs, stop);
    return entry && !(entry instanceof Promise) && entry.provider ? entry : seekPlace(order, entry, command, stop.signal);
  };
  const seekHeld = async (
    way: Way,
    release: NonNullable<Way["release"]>,
    command: DispatchCommand,
    stop: { readonly signal: AbortSignal },
  ) => {
    try {
      const found = await seek(way, command, stop);
      const letGo = release(found);
      return found.provider ? leftWith(found, letGo) : found;
    } catch (error) {
      release(undefined);
      throw error;
    }
  };
  return (way: Way, command: DispatchCommand, stop: { readonly signal: AbortSignal }): MaybePromise<Place | Wait> =>
    way.release ? seekHeld(way, way.release, command, stop) : seek(way, command, stop);
};
