import { type Channel, ChannelSymbols, type Lane, LaneSymbols } from "./generated.js";

export const channels: readonly Channel[] = ChannelSymbols;
export const lanes: readonly Lane[] = LaneSymbols;
/** The lane of a message without one. */
export const defaultLane: Lane = "normal";

export const isChannel = (value: string): value is Channel => (channels as readonly string[]).includes(value);
export const isLane = (value: string): value is Lane => (lanes as readonly string[]).includes(value);
