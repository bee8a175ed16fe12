import { lineageOf } from "../processors/lineage-of.js";
import { messageOf } from "../schemas/errors.js";
import type { Mask } from "../schemas/secret-mask.js";
import type { Clock } from "../stores/clock.js";
import type { DeliveryFamilies } from "../topology/delivery.js";
import type { Codecs } from "../topology/runtime/codecs.js";
import { deadLetterOf } from "../topology/runtime/dead-letters.js";
import { type Effects, noEffects } from "../topology/runtime/effects.js";
import { outgoingOf } from "../topology/runtime/outgoing.js";
import type { HandlerDependencies } from "../topology/runtime/record-handler.js";

export interface DeadLetterDependencies {
  readonly families: DeliveryFamilies;
  readonly codecs: Codecs;
  readonly clock: Clock;
  readonly instance: string;
  readonly topicOf: (member: string) => string;
  readonly onDeadLetter?: (stage: string, code: string) => void;
  /** Masks secrets in the words of errors. */
  readonly mask: Mask;
}

interface Named {
  readonly messageId: string;
  readonly tenant: string;
  readonly channel: string;
  readonly lane: string;
}

const isNamed = (value: unknown): value is Named => {
  const { messageId, tenant, channel, lane } = (value ?? {}) as Partial<Named>;
  return [messageId, tenant, channel, lane].every((field) => typeof field === "string");
};

/** What no stage could process is kept with its bytes, and where its message is known, its lineage says so. */
export const createDeadLetterEffects = (dependencies: DeadLetterDependencies): HandlerDependencies["deadLetter"] => {
  const { families, codecs, clock, instance, topicOf, onDeadLetter, mask } = dependencies;
  return (record, stage, error, value): Effects => {
    onDeadLetter?.(stage, error.code);
    const kept = deadLetterOf(record, stage, error, instance, clock.now());
    const letter = { ...kept, errorMessage: mask(kept.errorMessage) };
    const effects = noEffects();
    effects.outputs.push(outgoingOf(families.deadLetters, letter, codecs, topicOf));
    if (isNamed(value)) {
      const step = lineageOf({ now: clock.now, instance }, value, {
        stage: "dead_letter",
        outcome: "dead_lettered",
        attempt: 0,
        discriminator: letter.deadLetterId,
        details: { deadLetterId: letter.deadLetterId, stage, error: mask(`${error.code}: ${messageOf(error)}`) },
      });
      effects.outputs.push(outgoingOf(families.lineage, step, codecs, topicOf));
    }
    return effects;
  };
};
