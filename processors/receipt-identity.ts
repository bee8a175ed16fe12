import { rulesOf } from "../channels/rules-of.js";
import type { DispatchCommand, ProviderReceipt } from "../schemas/generated.js";
import type { Claims } from "../stores/claims/claims.js";
import { keys } from "../stores/keys.js";
import type { MessageCache, MessageReference } from "../stores/message-cache/message-cache.js";
import { type Call, recordOf } from "./attempt-claim.js";

const isOwnId = ({ outcome }: Call, responseId: string): boolean => {
  if (outcome.kind === "accepted") return outcome.responseId === responseId || (outcome.alsoIds ?? []).includes(responseId);
  // of other outcomes no id is known, or none that a receipt could be compared with
  return outcome.kind !== "delivered" || outcome.responseId === null || outcome.responseId === responseId;
};

/** What a receipt claims, compared with what was recorded of the attempt. */
export type Identity =
  | { readonly kind: "same"; readonly reference: MessageReference }
  /** The attempt has no record yet. */
  | { readonly kind: "unknown" }
  | { readonly kind: "differs"; readonly problem: string };

const differs = (problem: string): Identity => ({ kind: "differs", problem });

/** The attempt that a receipt names by message and number: what its claim recorded decides whether the receipt may speak of it. */
const checkAttempt = async (
  { provider, responseId }: ProviderReceipt,
  attempt: number,
  command: DispatchCommand,
  { claims, cache }: { readonly claims: Pick<Claims, "recorded">; readonly cache: Pick<MessageCache, "resolve"> },
): Promise<Identity> => {
  const { messageId } = command;
  const recorded = await claims.recorded(keys.claims.attempt({ messageId, attempt }));
  if (recorded === undefined) return { kind: "unknown" };
  const record = recordOf(recorded);
  if (!("outcome" in record)) return differs(`attempt ${attempt} of ${messageId} was never sent`);
  if (record.provider !== provider) return differs(`attempt ${attempt} of ${messageId} was sent by ${record.provider}`);
  if (responseId !== null && !isOwnId(record, responseId)) {
    const linked = await cache.resolve(provider, responseId);
    if (linked?.messageId !== messageId || linked.attempt !== attempt)
      return differs(`${responseId} is not the id that ${provider} gave attempt ${attempt} of ${messageId}`);
  }
  return { kind: "same", reference: { messageId, attempt, sentAtMs: record.at } };
};

/** Compares everything in a receipt that claims an identity with what was recorded: channel, recipient, attempt, provider, id. */
export const checkIdentity = async (
  receipt: ProviderReceipt,
  reference: MessageReference,
  command: DispatchCommand,
  stores: { readonly claims: Pick<Claims, "recorded">; readonly cache: Pick<MessageCache, "resolve"> },
): Promise<Identity> => {
  const { channel, recipients, messageId } = receipt;
  if (channel !== command.channel) return differs(`${command.messageId} went by ${command.channel}, not by ${channel}`);
  if (recipients.length > 0 && recipients.every((named) => rulesOf(channel).recipient.differs(command.to, named)))
    return differs(`${command.messageId} went to another recipient`);
  // an id of the provider's own was recorded under its name, with the attempt
  return messageId === null ? { kind: "same", reference } : checkAttempt(receipt, reference.attempt || command.attempt, command, stores);
};
