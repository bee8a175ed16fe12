import { rulesOf } from "../channels/rules-of.js";
import { type Asking, ask } from "../engine/ask.js";
import type { DispatchCommand, ProviderReceipt } from "../schemas/generated.js";
import type { Claims } from "../stores/claims/claims.js";
import { keys } from "../stores/keys.js";
import type { MessageCache, MessageReference } from "../stores/message-cache/message-cache.js";
import { type Call, recordOf } from "./attempt-claim.js";

const isOwnId = ({ outcome }: Call, providerMessageId: string): boolean => {
  if (outcome.kind === "accepted")
    return outcome.providerMessageId === providerMessageId || (outcome.additionalProviderMessageIds ?? []).includes(providerMessageId);
  // other outcomes have no id, or none that a receipt could be compared with
  return outcome.kind !== "delivered" || outcome.providerMessageId === null || outcome.providerMessageId === providerMessageId;
};

/** The result of comparing a receipt with the attempt's record. */
export type Identity =
  | { readonly kind: "same"; readonly reference: MessageReference }
  /** The attempt has no record yet. */
  | { readonly kind: "unknown" }
  | { readonly kind: "differs"; readonly problem: string };

const differs = (problem: string): Identity => ({ kind: "differs", problem });

/** Checks the attempt that a receipt names by message and number: the record of its claim decides whether the receipt applies. */
function* checkAttempt(
  { provider, providerMessageId }: ProviderReceipt,
  attempt: number,
  command: DispatchCommand,
  { claims, cache }: { readonly claims: Pick<Claims, "recordedAll">; readonly cache: Pick<MessageCache, "resolveAll"> },
): Asking<Identity> {
  const { messageId } = command;
  const recorded = yield* ask(claims.recordedAll, keys.claims.attempt({ messageId, attempt }));
  if (recorded === undefined) return { kind: "unknown" };
  const record = recordOf(recorded);
  if (!("outcome" in record)) return differs(`attempt ${attempt} of ${messageId} was never sent`);
  if (record.provider !== provider) return differs(`attempt ${attempt} of ${messageId} was sent by ${record.provider}`);
  if (providerMessageId !== null && !isOwnId(record, providerMessageId)) {
    const linked = yield* ask(cache.resolveAll, { provider, providerMessageId });
    if (linked?.messageId !== messageId || linked.attempt !== attempt)
      return differs(`${providerMessageId} is not the id that ${provider} returned for attempt ${attempt} of ${messageId}`);
  }
  return { kind: "same", reference: { messageId, attempt, sentAtMs: record.at } };
}

/** Compares all identifying values in a receipt with the records: channel, recipient, attempt, provider, id. */
export function* checkIdentity(
  receipt: ProviderReceipt,
  reference: MessageReference,
  command: DispatchCommand,
  stores: { readonly claims: Pick<Claims, "recordedAll">; readonly cache: Pick<MessageCache, "resolveAll"> },
): Asking<Identity> {
  const { channel, recipients, messageId } = receipt;
  if (channel !== command.channel) return differs(`${command.messageId} was sent by ${command.channel}, not by ${channel}`);
  if (recipients.length > 0 && recipients.every((named) => rulesOf(channel).recipient.isDifferentRecipient(command.to, named)))
    return differs(`${command.messageId} was sent to another recipient`);
  // a provider's own id was recorded under its name, with the attempt
  if (messageId === null) return { kind: "same", reference };
  return yield* checkAttempt(receipt, reference.attempt || command.attempt, command, stores);
}
