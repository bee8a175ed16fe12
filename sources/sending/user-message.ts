import type { z } from "zod";
import type { Finding } from "../../channels/finding.js";
import { isValid } from "../../client/check-input.js";
import { digestOf, partsOf, withoutNothing } from "../../client/content-digest.js";
import type { GivenStep, SendableChannel } from "../../client/recipient-input.js";
import { checkUserMessage, type userMessageGiven } from "../../client/user-message-input.js";
import type { Channel } from "../../schemas/generated.js";
import { defaultLane } from "../../schemas/vocabulary.js";
import { foreignTenant } from "./foreign-tenant.js";
import { invalid, type Refused } from "./refused.js";
import type { Sender } from "./sender.js";

type Parsed = z.output<typeof userMessageGiven>;

/** A message to a user whose shape is valid. The rules of its channel are checked once the channel is known. */
export interface UserMessage {
  readonly tenant: string;
  readonly user: string;
  /** The channels in the order of preference; undefined: as configured. */
  readonly channels: readonly SendableChannel[] | undefined;
  /** The steps to try one after the other, instead of channels. */
  readonly fallback: readonly GivenStep[] | undefined;
  readonly idempotencyKey: string | undefined;
  readonly notBefore: number | null;
  readonly expiresAt: number | null;
  /** The content as given, of each channel for which it is given separately. */
  readonly contents: Readonly<Partial<Record<Channel, unknown>>>;
  /** All other fields as given. */
  readonly shared: Readonly<Record<string, unknown>>;
  /** Equal for two messages with the same fields, in any form. Excludes tenant and key. */
  digest(): string;
}

const digestOfParsed = ({
  tenant: _tenant,
  idempotencyKey: _key,
  content: own,
  contents = {},
  lane = defaultLane,
  ...rest
}: Parsed): string => {
  const separate = Object.entries(contents).map(([name, one]) => [name, one && partsOf(one)] as const);
  return digestOf(withoutNothing({ ...rest, lane, content: own && partsOf(own), contents: Object.fromEntries(separate) }));
};

/** Checks the shape of a message to a user, and whether the sender may name its tenant. */
export const readUserMessage = (input: unknown, { tenant: own, isOperator }: Sender): UserMessage | Refused => {
  const checked = checkUserMessage(input);
  if (!isValid(checked)) return invalid(checked.errors);
  const { value } = checked;
  const tenant = value.tenant ?? own;
  if (tenant !== own && !isOperator) return foreignTenant(own);
  const { recipient: _recipient, contents = {}, ...others } = input as Readonly<Record<string, unknown>>;
  return {
    tenant,
    user: value.recipient.user,
    channels: value.recipient.channels ?? value.recipient.fallback?.map(({ channel }) => channel),
    fallback: value.recipient.fallback,
    idempotencyKey: value.idempotencyKey,
    notBefore: value.notBefore ?? null,
    expiresAt: value.expiresAt ?? null,
    contents: contents as Readonly<Partial<Record<Channel, unknown>>>,
    shared: others,
    digest: () => digestOfParsed(value),
  };
};

/** Where a finding about a message on a channel lies in the message to the user. */
export const inUserMessage = (finding: Finding, channel: Channel, { contents }: UserMessage): Finding => {
  if (finding.field === "to") return { ...finding, field: "recipient.user" };
  const isOwn = Object.hasOwn(contents, channel) && (finding.field === "content" || finding.field.startsWith("content."));
  return isOwn ? { ...finding, field: finding.field.replace("content", `contents.${channel}`) } : finding;
};
