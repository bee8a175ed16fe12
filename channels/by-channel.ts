import type { Channel } from "../schemas/generated.js";
import { channels } from "../schemas/vocabulary.js";

/** A value for each channel. */
export const byChannel = <Value>(make: (channel: Channel) => Value): Readonly<Record<Channel, Value>> =>
  Object.fromEntries(channels.map((channel) => [channel, make(channel)])) as Record<Channel, Value>;
