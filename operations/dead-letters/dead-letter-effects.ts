import { diagnostics, type Origin } from "../../engine/diagnostics.js";
import { deadLetterOf } from "../../engine/runtime/dead-letters.js";
import { type Effects, noEffects } from "../../engine/runtime/effects.js";
import type { HandlerDependencies } from "../../engine/runtime/record-handler.js";
import type { Conclusion } from "../../processors/conclude.js";
import { conclusionOutlets, tellOutside } from "../../processors/outside-telling.js";
import { messageOf } from "../../schemas/errors.js";
import type { Mask } from "../../schemas/secret-mask.js";
import { knownOf } from "../../sources/known-message.js";
import type { Claims } from "../../stores/claims/claims.js";
import type { Clock } from "../../stores/clock.js";
import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import type { DeliveryFamilies } from "../../topology/delivery-families.js";
import type { DeliveryWriters } from "../../topology/delivery-writers.js";

export interface DeadLetterDependencies {
  readonly families: DeliveryFamilies;
  readonly writers: DeliveryWriters;
  readonly clock: Clock;
  readonly instance: string;
  /** For the end of a message that cannot go on. */
  readonly claims: Pick<Claims, "decideAll">;
  readonly keepMs: number;
  /** Whose events these are. */
  readonly origin: Origin;
  /** Masks secrets in the words of errors. */
  readonly mask: Mask;
}

/** Longer names are no message's. */
const mostNameChars = 512;
/** Metadata that a record of feedback has room for. */
const mostMetadataChars = 65_536;

const returnable = (metadata: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.entries(metadata).flat().join("").length <= mostMetadataChars ? metadata : {};

/**
 * What no stage could process is kept with its bytes, and where its message is known, its lineage says so. A message whose
 * own records the log can never take has ended by that: its sender is told.
 */
export const createDeadLetterEffects = (dependencies: DeadLetterDependencies): HandlerDependencies["deadLetter"] => {
  const { families, writers, clock, instance, claims, keepMs, origin, mask } = dependencies;
  const writer = writers("any stage");
  const letters = writer.to(families.deadLetters);
  const outlets = conclusionOutlets(writer, families);
  return async (record, stage, error, value): Promise<Effects> => {
    diagnostics.deadLetter.publish(origin, { stage, code: error.code });
    const kept = deadLetterOf(record, stage, error, instance, clock.now());
    const letter = { ...kept, errorMessage: mask(kept.errorMessage) };
    const outputs: OutgoingRecord[] = [letters.record(letter)];
    const known = knownOf(value);
    if (!known || known.messageId.length > mostNameChars || known.tenant.length > mostNameChars) return { ...noEffects, outputs };
    const details = { deadLetterId: letter.deadLetterId, stage, error: mask(`${error.code}: ${messageOf(error)}`) };
    const telling = tellOutside({ instance, clock, claims, outlets });
    const subject = { ...known, idempotencyKey: known.idempotencyKey ?? null, metadata: returnable(known.metadata) };
    const { deadLetterId: discriminator } = letter;
    telling.step(subject, { stage: "dead_letter", outcome: "dead_lettered", attempt: 0, discriminator, details });
    if (error.code === "RECORD_REFUSED") {
      const end = {
        subject,
        stage: "dead_letter",
        status: "failed",
        reason: "record_refused",
        provider: null,
        responseId: null,
      } as const satisfies Partial<Conclusion>;
      await telling.conclude({ ...end, attempt: known.attempt ?? 0, cause: `refused:${letter.deadLetterId}`, details }, keepMs);
    }
    return { ...noEffects, outputs: [...outputs, ...telling.records] };
  };
};
