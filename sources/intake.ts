import { diagnostics, type Origin } from "../engine/diagnostics.js";
import type { IgnoredReason, Reading, Readings } from "../processors/reading.js";
import type { Receipt } from "../processors/receipt.js";
import { CarillonError } from "../schemas/errors.js";
import type { ProviderReceipt } from "../schemas/generated.js";
import { metricNameOf } from "../sinks/own/scoped-name.js";
import type { ProviderIdentity } from "../sinks/providers/definition.js";
import type { OutgoingRecord } from "../stores/event-log/event-log.js";

/** The origin of an event, as named in metrics. */
export type Source = "callback" | "queue" | "log" | "connection" | "pull";

/** One unit as received: a callback, a queued message, a PDU, a line of a log. */
export interface Unit {
  /** The original bytes, for a dead letter. */
  readonly original: Buffer;
  readonly readings: Readings;
}

/** The results of the units' events. Each event is counted once. */
export interface Taken {
  readonly receipts: number;
  readonly ignored: number;
  readonly unreadable: number;
}

export interface IntakeDependencies {
  /** Resolves once the log has stored them. */
  readonly append: (records: readonly OutgoingRecord[]) => Promise<void>;
  readonly recordOf: (identity: ProviderIdentity, receipt: Receipt) => ProviderReceipt;
  readonly encodeReceipt: (receipt: ProviderReceipt) => OutgoingRecord;
  readonly letterOf: (source: Source, provider: string, original: Buffer, error: CarillonError) => OutgoingRecord;
  /** The origin of these events. */
  readonly origin: Origin;
}

/** Accepts external events from every source. */
export interface Intake {
  /**
   * Resolves once the log has stored each event, as a receipt or as a dead letter with its unit's bytes. Ignored events are only counted.
   */
  take(identity: ProviderIdentity, source: Source, units: readonly Unit[]): Promise<Taken>;
}

/** A unit is unreadable if its parser refuses it as a whole or fails. */
export const readUnit = (read: () => Readings): Readings => {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof CarillonError) return [{ kind: "unreadable", error: thrown }];
    const error = new CarillonError("READER_FAILED", "the reader failed on the event", { cause: thrown });
    return [{ kind: "unreadable", error }];
  }
};

type Settled =
  | { readonly kind: "receipt"; readonly record: OutgoingRecord; readonly unknownState: string | undefined }
  | { readonly kind: "ignored"; readonly reason: IgnoredReason }
  | { readonly kind: "unreadable"; readonly record: OutgoingRecord; readonly error: CarillonError };

/** One dead letter contains the whole unit, however many of its events are unreadable. */
const recordsOf = (unit: readonly Settled[]): OutgoingRecord[] => {
  const letter = unit.find((one) => one.kind === "unreadable");
  return [...unit.flatMap((one) => (one.kind === "receipt" ? [one.record] : [])), ...(letter ? [letter.record] : [])];
};

export const createIntake = ({ append, recordOf, encodeReceipt, letterOf, origin }: IntakeDependencies): Intake => {
  const settle = (reading: Reading, identity: ProviderIdentity, source: Source, original: Buffer): Settled => {
    const unreadable = (error: CarillonError): Settled => ({
      kind: "unreadable",
      record: letterOf(source, identity.name, original, error),
      error,
    });
    switch (reading.kind) {
      case "ignored":
        return reading;
      case "unreadable":
        return unreadable(reading.error);
      case "receipt":
        try {
          const record = encodeReceipt(recordOf(identity, reading.receipt));
          return { kind: "receipt", record, unknownState: reading.receipt.unknownState };
        } catch (error) {
          // a receipt that fits into no record would otherwise be redelivered indefinitely
          if (error instanceof CarillonError && !error.retryable) return unreadable(error);
          throw error;
        }
    }
  };
  const count = (settled: Settled, { name }: ProviderIdentity, source: Source): void => {
    if (settled.kind === "ignored") diagnostics.ignoredEvent.publish(origin, { source, reason: settled.reason });
    else if (settled.kind === "unreadable") diagnostics.unreadableEvent.publish(origin, { source, code: settled.error.code });
    else diagnostics.receipt.publish(origin, { source, provider: metricNameOf(name), unknownState: settled.unknownState });
  };
  return {
    take: async (identity, source, units) => {
      const byUnit = units.map(({ original, readings }) => readings.map((reading) => settle(reading, identity, source, original)));
      const all = byUnit.flat();
      const records = byUnit.flatMap(recordsOf);
      if (records.length > 0) await append(records);
      for (const settled of all) count(settled, identity, source);
      const tally = (kind: Settled["kind"]): number => all.filter((one) => one.kind === kind).length;
      return { receipts: tally("receipt"), ignored: tally("ignored"), unreadable: tally("unreadable") };
    },
  };
};
