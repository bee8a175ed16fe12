import { z } from "zod";
import { byChannel } from "../channels/by-channel.js";
import { readBy } from "../channels/read-by.js";
import { isRefusal } from "../channels/refusal.js";
import { readAllowedSender, readSender } from "../channels/senders.js";
import { readLocale, readTimeZone } from "../config/locale-names.js";
import type { Channel } from "../schemas/generated.js";

/** Bounds of the settings that HTTP accepts. */
export const settingsBounds = { messagesPerDay: 1_000_000_000, perSecond: 1_000_000, senders: 50 } as const;

const { messagesPerDay, perSecond, senders: mostSenders } = settingsBounds;

const quota = z.number().int().min(1).max(messagesPerDay).nullable().optional();
const rate = z.number().min(0.01).max(perSecond).nullable().optional();
const rateDoc = `give a number from 0.01 to ${perSecond}, or null for`;

const entryOf = (channel: Channel) =>
  readBy((text) => {
    const read = readAllowedSender(channel, text);
    return isRefusal(read) ? read : read.from;
  });

/** The first one is the sender of messages that name none, so it cannot stand for several. */
const sendersOf = (channel: Channel) =>
  z
    .array(entryOf(channel))
    .min(1, "is empty")
    .max(mostSenders, `has more than ${mostSenders} entries`)
    .refine((given) => new Set(given).size === given.length, "names a sender twice")
    .refine(([first]) => first === undefined || !isRefusal(readSender(channel, first)), "begins with an entry that is not a single sender")
    .nullable()
    .optional()
    .describe(`give at most ${mostSenders} senders, the default one first, or null`);

/**
 * A change of a tenant's settings, as a merge patch (RFC 7396): what it leaves out stays, and null resets. It is strict, and narrower than
 * the shape of stored settings (`stores/tenants/tenant-schema.ts`).
 */
export const settingsChange = z.strictObject({
  locale: readBy(readLocale).nullable().optional().describe("give a language tag such as en or pt-BR (BCP 47), or null"),
  timeZone: readBy(readTimeZone).nullable().optional().describe("give a name of the IANA database such as Europe/Paris, or null"),
  quotas: z
    .strictObject({ messagesPerDay: quota.describe(`give a whole number from 1 to ${messagesPerDay}, or null for no limit`) })
    .nullable()
    .optional()
    .describe("give an object with messagesPerDay, or null"),
  rates: z
    .strictObject({
      requestsPerSecond: rate.describe(`${rateDoc} no limit`),
      messagesPerSecond: rate.describe(`${rateDoc} no limit`),
      criticalPerSecond: rate.describe(`${rateDoc} the installation's`),
    })
    .nullable()
    .optional()
    .describe("give an object with requestsPerSecond, messagesPerSecond and criticalPerSecond, or some of them, or null"),
  senders: z.strictObject(byChannel(sendersOf)).nullable().optional().describe("give an object with the senders of some channels, or null"),
});

export type SettingsChange = z.infer<typeof settingsChange>;
