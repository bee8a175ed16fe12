import type { Codecs } from "../../engine/runtime/codecs.js";
import { deadLetterOf } from "../../engine/runtime/dead-letters.js";
import { type Effects, noEffects } from "../../engine/runtime/effects.js";
import { outgoingOf } from "../../engine/runtime/outgoing.js";
import type { HandlerDependencies } from "../../engine/runtime/record-handler.js";
import { type ConclusionPorts, conclude } from "../../processors/conclude.js";
import { lineageOf } from "../../processors/lineage-of.js";
import { messageOf } from "../../schemas/errors.js";
import type { Mask } from "../../schemas/secret-mask.js";
import { knownOf } from "../../sources/known-message.js";
import type { Claims } from "../../stores/claims/claims.js";
import type { Clock } from "../../stores/clock.js";
import type { DeliveryFamilies } from "../../topology/delivery-families.js";

export interface DeadLetterDependencies {
  readonly families: DeliveryFamilies;
  readonly codecs: Codecs;
  readonly clock: Clock;
  readonly instance: string;
  readonly topicOf: (member: string) => string;
  /** For the end of a message that cannot go on. */
  readonly claims: Pick<Claims, "decide">;
  readonly keepMs: number;
  readonly onDeadLetter?: (stage: string, code: string) => void;
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
  const { families, codecs, clock, instance, topicOf, claims, keepMs, onDeadLetter, mask } = dependencies;
  return async (record, stage, error, value): Promise<Effects> => {
    onDeadLetter?.(stage, error.code);
    const kept = deadLetterOf(record, stage, error, instance, clock.now());
    const letter = { ...kept, errorMessage: mask(kept.errorMessage) };
    const effects = noEffects();
    effects.outputs.push(outgoingOf(families.deadLetters, letter, codecs, topicOf));
    const known = knownOf(value);
    if (!known || known.messageId.length > mostNameChars || known.tenant.length > mostNameChars) return effects;
    const details = { deadLetterId: letter.deadLetterId, stage, error: mask(`${error.code}: ${messageOf(error)}`) };
    const context = {
      now: clock.now,
      instance,
      emit: <Port extends keyof ConclusionPorts>(port: Port, told: ConclusionPorts[Port]): void => {
        effects.outputs.push(
          outgoingOf(port === "lineage" ? families.lineage : (families.feedback as never), told as never, codecs, topicOf),
        );
      },
    };
    const subject = { ...known, idempotencyKey: known.idempotencyKey ?? null, metadata: returnable(known.metadata) };
    const { deadLetterId: discriminator } = letter;
    context.emit(
      "lineage",
      lineageOf(context, subject, { stage: "dead_letter", outcome: "dead_lettered", attempt: 0, discriminator, details }),
    );
    if (error.code !== "RECORD_REFUSED") return effects;
    await conclude(context, claims, keepMs, {
      subject,
      stage: "dead_letter",
      status: "failed",
      reason: "record_refused",
      attempt: known.attempt ?? 0,
      provider: null,
      responseId: null,
      cause: `refused:${letter.deadLetterId}`,
      details,
    });
    return effects;
  };
};
