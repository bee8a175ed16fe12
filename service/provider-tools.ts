import { isRefusal } from "../channels/refusal.js";
import { readSender } from "../channels/senders.js";
import type { Config } from "../config/schema.js";
import { maskOf } from "../config/secrets.js";
import type { Origin } from "../engine/diagnostics.js";
import { receivedLetterOf } from "../operations/dead-letters/received-letters.js";
import { ignored, type Reading } from "../processors/reading.js";
import type { Channel } from "../schemas/generated.js";
import type { Outbox } from "../sinks/outbox.js";
import type { ProviderTools } from "../sinks/providers/definition.js";
import { maskedReceipt } from "../sinks/providers/with-guarded-outcome.js";
import { createIntake, type Intake } from "../sources/intake.js";
import { providerReceiptOf } from "../sources/provider-receipt-of.js";
import { unitOf } from "../sources/unit-of.js";
import type { Clock } from "../stores/clock.js";
import { keys } from "../stores/keys.js";
import type { Stores } from "../stores/stores.js";
import type { DeliveryFamilies } from "../topology/delivery-families.js";
import type { DeliveryWriters } from "../topology/delivery-writers.js";
import type { TimeForm } from "../wire/receipt-time.js";

/** A query can be repeated, so an unreadable answer need not be kept. */
const askedAgain = (reading: Reading): Reading => (reading.kind === "unreadable" ? ignored("asked_again") : reading);

/** Accepts external events into the log. */
export const intakeOf = (config: Config, families: DeliveryFamilies, writers: DeliveryWriters, clock: Clock, origin: Origin): Intake => {
  const writer = writers("providers");
  const [receipts, letters] = [writer.to(families.receipts), writer.to(families.deadLetters)];
  const mask = maskOf(config);
  return createIntake({
    append: writer.append,
    recordOf: (identity, receipt) => {
      const { own, name } = identity;
      const times = own?.receiptTimes ?? timeFormOf(config, name);
      return providerReceiptOf(identity, maskedReceipt(receipt, own?.mask ?? mask), clock.now(), times);
    },
    encodeReceipt: receipts.record,
    letterOf: (source, provider, original, error) =>
      letters.record(receivedLetterOf(config, source, provider, original, error, clock.now())),
    origin,
  });
};

const timeFormOf = ({ providers }: Config, name: string): TimeForm | undefined =>
  Object.hasOwn(providers, name) ? providers[name]?.receiptTimes : undefined;

/** Domain of a channel's configured sender; null: none. */
const senderDomainOf = (channel: Channel, config: Config): string | null => {
  const { from } = config.channels[channel];
  const read = from === null ? undefined : readSender(channel, from);
  return read && !isRefusal(read) ? (read.domain ?? null) : null;
};

/** The dependencies of a process's providers. */
export const toolsOf = (
  config: Config,
  stores: Pick<Stores, "timers">,
  families: DeliveryFamilies,
  writers: DeliveryWriters,
  outbox: Outbox,
  clock: Clock,
  origin: Origin,
  intake: Intake,
): ProviderTools => {
  const receipts = writers("providers").to(families.receipts);
  return {
    clock,
    sendTimeoutMs: config.delivery.sendTimeoutMs,
    aws: config.aws,
    senderDomain: (channel) => senderDomainOf(channel, config),
    outbox,
    origin,
    reportLater: (receipt, dueAtMs) =>
      stores.timers.schedule([{ id: keys.timers.sandbox(receipt.receiptId), dueAtMs, record: receipts.record(receipt) }]),
    receive: async (identity, source, units) => {
      await intake.take(
        identity,
        source,
        units.map((original) => unitOf(config, identity, source, original)),
      );
    },
    answered: async (identity, readings) => {
      const units = readings.map((reading) => ({ original: Buffer.alloc(0), readings: [askedAgain(reading)] as const }));
      await intake.take(identity, "pull", units);
    },
  };
};
