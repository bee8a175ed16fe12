import { diagnostics, type Origin } from "../../engine/diagnostics.js";
import { deadLetterOf } from "../../engine/runtime/dead-letters.js";
import { type Effects, noEffects } from "../../engine/runtime/effects.js";
import type { HandlerDependencies } from "../../engine/runtime/record-handler.js";
import type { Conclusion } from "../../processors/conclude.js";
import { conclusionOutlets, recordOutside } from "../../processors/outside-record.js";
import { messageOf } from "../../schemas/errors.js";
import type { Mask } from "../../schemas/secret-mask.js";
import { endsMessage, knownOfFailed } from "../../sources/known-message.js";
import type { Claims } from "../../stores/claims/claims.js";
import type { Clock } from "../../stores/clock.js";
import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import type { DeliveryFamilies } from "../../topology/delivery-families.js";
import type { DeliveryWriters } from "../../topology/delivery-writers.js";
import type { IngressTenants } from "../../topology/ingress-tenants.js";

export interface DeadLetterDependencies {
  readonly families: DeliveryFamilies;
  readonly writers: DeliveryWriters;
  readonly clock: Clock;
  readonly instance: string;
  /** Ends messages that cannot continue. */
  readonly claims: Pick<Claims, "decideAll">;
  readonly keepMs: number;
  readonly tenantOf: IngressTenants;
  /** The origin of these events. */
  readonly origin: Origin;
  /** Masks secrets in error messages. */
  readonly mask: Mask;
}

/** Longer names belong to no message. */
const mostNameChars = 512;
/** Most characters of metadata that fit into a feedback record. */
const mostMetadataChars = 65_536;

const returnable = (metadata: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.entries(metadata).flat().join("").length <= mostMetadataChars ? metadata : {};

/**
 * Keeps a record that no stage could process, with its bytes, and records that in the lineage of its message, if known. If the log can
 * never accept a message's own records, or its sender may not publish it, the message ends here, and its sender is notified.
 */
export const createDeadLetterEffects = (dependencies: DeadLetterDependencies): HandlerDependencies["deadLetter"] => {
  const { families, writers, clock, instance, claims, keepMs, tenantOf, origin, mask } = dependencies;
  const writer = writers("any stage");
  const letters = writer.to(families.deadLetters);
  const outlets = conclusionOutlets(writer, families);
  return async (record, stage, error, value): Promise<Effects> => {
    diagnostics.deadLetter.publish(origin, { stage, code: error.code });
    const kept = deadLetterOf(record, stage, error, instance, clock.now());
    const letter = { ...kept, errorMessage: mask(kept.errorMessage) };
    const outputs: OutgoingRecord[] = [letters.record(letter)];
    const known = knownOfFailed(value, letter, tenantOf);
    if (!known || known.messageId.length > mostNameChars || known.tenant.length > mostNameChars) return { ...noEffects, outputs };
    const details = { deadLetterId: letter.deadLetterId, stage, error: mask(`${error.code}: ${messageOf(error)}`) };
    const outside = recordOutside({ instance, clock, claims, outlets });
    const subject = { ...known, idempotencyKey: known.idempotencyKey ?? null, metadata: returnable(known.metadata) };
    const { deadLetterId: discriminator } = letter;
    outside.step(subject, { stage: "dead_letter", outcome: "dead_lettered", attempt: 0, discriminator, details });
    if (endsMessage(error.code)) {
      const end = {
        subject,
        stage: "dead_letter",
        status: "failed",
        reason: error.code === "RECORD_REFUSED" ? "record_refused" : "invalid_request",
        provider: null,
        providerMessageId: null,
      } as const satisfies Partial<Conclusion>;
      await outside.conclude({ ...end, attempt: known.attempt ?? 0, cause: `refused:${letter.deadLetterId}`, details }, keepMs);
    }
    return { ...noEffects, outputs: [...outputs, ...outside.records] };
  };
};
