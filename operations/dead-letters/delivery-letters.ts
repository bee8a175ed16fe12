import type { Config } from "../../config/schema.js";
import { familiesOf } from "../../engine/graphs.js";
import type { Conclusion } from "../../processors/conclude.js";
import { conclusionOutlets, recordOutside } from "../../processors/outside-record.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Channel, DeadLetter } from "../../schemas/generated.js";
import { channels } from "../../schemas/vocabulary.js";
import { providersOf } from "../../sinks/routing/routing-policy.js";
import type { Callbacks } from "../../sources/callbacks/callbacks.js";
import { callbackOf } from "../../sources/callbacks.js";
import { knownOfFailed } from "../../sources/known-message.js";
import { unitOf } from "../../sources/unit-of.js";
import type { Clock } from "../../stores/clock.js";
import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import type { Stores } from "../../stores/stores.js";
import { ingressTenantsOf } from "../../topology/ingress-tenants.js";
import { namesOf } from "../../topology/names.js";
import type { DeliveryParts } from "../delivery-parts.js";
import { createDeadLetters, type DeadLetters } from "./dead-letters.js";
import type { Settlement } from "./letter-pages.js";
import { originOfLetter } from "./received-letters.js";

/** The content of a letter, whichever type its topic has; undefined if it cannot be read. */
export const contentOfLetter = async (
  { topic, value }: Pick<DeadLetter, "topic" | "value">,
  { graphs, codecs }: Pick<DeliveryParts, "graphs" | "codecs">,
  topicOf: (member: string) => string,
): Promise<unknown> => {
  const family = familiesOf(graphs).find(({ members }) => members.some(({ name }) => topicOf(name) === topic));
  try {
    return family ? await codecs.of(family).decode(value) : undefined;
  } catch {
    return undefined;
  }
};

const channelOf = (config: Config, provider: string): Channel | undefined =>
  channels.find((channel) => providersOf(config.channels[channel]).includes(provider));

/** The dead letters of a running or inspected Carillon. Settling them is recorded in their messages' lineage. */
export const deadLettersOf = (config: Config, stores: Stores, assembly: DeliveryParts, callbacks: Callbacks, clock: Clock): DeadLetters => {
  const { families, codecs, writers } = assembly;
  const { topicOf } = namesOf(config);
  const tenantOf = ingressTenantsOf(config);
  const prefix = topicOf("");
  const settlers = { redriven: writers("redrive"), discarded: writers("discard") };
  const outlets = { redriven: conclusionOutlets(settlers.redriven, families), discarded: conclusionOutlets(settlers.discarded, families) };
  const tell = async (letter: DeadLetter, settled: Settlement): Promise<readonly OutgoingRecord[]> => {
    const known = knownOfFailed(await contentOfLetter(letter, assembly, topicOf), letter, tenantOf);
    if (!known) return [];
    const { deadLetterId } = letter;
    const { instance } = config;
    const outside = recordOutside({ instance, clock, claims: stores.claims, outlets: outlets[settled.how] });
    const details = { deadLetterId, ...(settled.reason ? { why: settled.reason } : {}) };
    outside.step(known, { stage: "dead_letter", outcome: settled.how, attempt: 0, discriminator: deadLetterId, details });
    if (settled.how === "discarded") {
      const subject = { ...known, idempotencyKey: known.idempotencyKey ?? null, metadata: known.metadata ?? {} };
      const end = {
        subject,
        stage: "dead_letter",
        status: "cancelled",
        reason: "discarded",
        provider: null,
        providerMessageId: null,
      } as const satisfies Partial<Conclusion>;
      await outside.conclude({ ...end, attempt: 0, cause: `discarded:${deadLetterId}`, details }, config.delivery.stateRetentionMs);
    }
    return outside.records;
  };
  const rereadUnit = async ({ source, provider }: NonNullable<ReturnType<typeof originOfLetter>>, letter: DeadLetter): Promise<void> => {
    if (source === "callback") return callbacks.reread(provider, callbackOf(letter));
    const channel = channelOf(config, provider);
    if (source === "pull" || !channel) throw new CarillonError("CALLBACK_REFUSED", `the provider ${provider} is not in use`);
    const unit = unitOf(config, { name: provider }, source, letter.value ?? Buffer.alloc(0));
    const refusal = unit.readings.find((reading) => reading.kind === "unreadable");
    if (refusal) throw refusal.error;
    await assembly.intake.take({ name: provider, channel }, source, [unit]);
  };
  return createDeadLetters({
    log: stores.log,
    writers: settlers,
    claims: stores.claims,
    clock,
    codec: codecs.of(families.deadLetters),
    topic: topicOf(families.deadLetters.name),
    prefix,
    retentionMs: config.topics.deadLetterRetentionMs,
    tell,
    reread: (letter) => {
      const origin = originOfLetter(letter);
      return origin && rereadUnit(origin, letter).then(() => true as const);
    },
  });
};
