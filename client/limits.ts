import { defaultSettings } from "../channels/default-settings.js";
import type { ChannelLimits } from "./generated.js";

/** Limits that all channels share. */
interface CommonLimits {
  /** Most bytes of content, all parts together. */
  readonly contentBytes: number;
  /** Most bytes of metadata, names and values together. */
  readonly metadataBytes: number;
  /** Most bytes of a template's variables, as JSON. */
  readonly variablesBytes: number;
  /** Latest notBefore from now, in milliseconds. No message lives longer than this after it was due. */
  readonly maxScheduleAheadMs: number;
}

/** All limits for checking messages: the common ones and the channels' own keys. */
export type Limits = CommonLimits & ChannelLimits;

/** 256 kB keeps a record well below the log's 1 MB. */
export const commonLimits: CommonLimits = {
  contentBytes: 256 * 1024,
  metadataBytes: 16 * 1024,
  variablesBytes: 64 * 1024,
  maxScheduleAheadMs: 60 * 86_400_000,
};

export const defaultLimits: Limits = { ...commonLimits, ...defaultSettings };
