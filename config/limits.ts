import { z } from "zod";
import { defaultLimits } from "../client/limits.js";
import { channelLimits } from "./channels.js";
import { durationMs } from "./keys.js";

/** The limits of messages that Carillon accepts. */
export const limitsSchema = z
  .strictObject({
    contentBytes: z
      .number()
      .int()
      .min(1)
      .max(900_000)
      .default(defaultLimits.contentBytes)
      .describe("maximum size of the content in bytes, all parts together"),
    ...channelLimits,
    metadataBytes: z
      .number()
      .int()
      .min(1)
      .max(65_536)
      .default(defaultLimits.metadataBytes)
      .describe("maximum size of a message's metadata in bytes, names and values together"),
    variablesBytes: z
      .number()
      .int()
      .min(1)
      .max(524_288)
      .default(defaultLimits.variablesBytes)
      .describe("maximum size of a template's variables in bytes, as JSON"),
    maxScheduleAheadMs: durationMs(
      "how far in the future notBefore may be; also the maximum lifetime of a message after it is due, whatever its expiresAt",
      defaultLimits.maxScheduleAheadMs,
      60_000,
    ),
  })
  .prefault({});
