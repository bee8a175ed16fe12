import type { Finding } from "../../channels/finding.js";
import { checkRecipient } from "../../channels/recipients.js";
import { rulesOf } from "../../channels/rules-of.js";
import type { CheckedMessage } from "../../client/check-message.js";
import { type Condition, isSendable, type SendableChannel } from "../../client/recipient-input.js";
import type { Config } from "../../config/schema.js";
import { planRecipient, type Step } from "../../directory/plan-recipient.js";
import type { Channel } from "../../schemas/generated.js";
import { isChannel } from "../../schemas/vocabulary.js";
import type { User } from "../../stores/directory/directory.js";
import type { TenantSettings } from "../../stores/tenants/tenants.js";
import { limitsOf } from "../../topology/delivery-policy.js";
import type { MessageRules } from "./message-rules.js";
import { type Refused, unreachable } from "./refused.js";
import type { Sender } from "./sender.js";
import { inUserMessage, type UserMessage } from "./user-message.js";

/** A step that may be sent later. */
export interface ChosenStep {
  readonly unless: Condition;
  readonly afterMs: number;
  readonly messages: readonly CheckedMessage[];
}

/** The messages to the chosen addresses of a user, at least one, all on one channel. */
export interface Chosen {
  readonly channel: SendableChannel;
  readonly messages: readonly CheckedMessage[];
  readonly later: readonly ChosenStep[];
  readonly warnings: readonly Finding[];
}

/** Chooses the addresses of a message to a user, and checks the message for each. `only`: considers only this channel, unless the message has a fallback. */
export type ChooseAddresses = (message: UserMessage, user: User, sender: Sender, only?: SendableChannel) => Chosen | Refused;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const carries = (channel: Channel, part: string): boolean => (rulesOf(channel).content.parts as readonly string[]).includes(part);

/** One content has the parts of several channels. Without the parts that only another wanted channel carries. */
const partsFor = (content: unknown, channel: Channel, wanted: readonly Channel[]): unknown => {
  if (!isObject(content)) return content;
  return Object.fromEntries(
    Object.entries(content).filter(([part]) => carries(channel, part) || !wanted.some((other) => carries(other, part))),
  );
};

/** Locale and time zone in the settings of a tenant, as this process knows them. */
export type DefaultsOf = (tenant: string) => Partial<Pick<TenantSettings, "locale" | "timeZone">>;

/**
 * The variables of a template. The user's locale and time zone are among them, unless the sender gives others. A user without one of them
 * has that of its tenant.
 */
const variablesFor = ({ shared, tenant }: UserMessage, user: User, defaultsOf: DefaultsOf): object => {
  const { template, variables = {} } = shared;
  if (template === undefined || !isObject(variables)) return {};
  const defaults = defaultsOf(tenant);
  const { locale = null, timeZone = null } = { locale: user.locale ?? defaults.locale, timeZone: user.timeZone ?? defaults.timeZone };
  const own = { ...(locale === null ? {} : { locale }), ...(timeZone === null ? {} : { timeZone }) };
  return { variables: { ...own, ...variables } };
};

const whyMissed = { absent: "has no address on", unusable: "has no usable address on" } as const;

const missed = (channel: string, why: keyof typeof whyMissed): Finding => ({
  field: "recipient.user",
  reason: "invalid_recipient",
  problem: `${whyMissed[why]} ${channel}`,
  fix: "add an address with POST /v1/users/<id>/addresses, or name other channels in recipient.channels",
});

const inside = (refused: Refused, channel: Channel, message: UserMessage): Refused => {
  const [first, ...rest] = refused.errors;
  return {
    ...refused,
    errors: [inUserMessage(first, channel, message), ...rest.map((one) => inUserMessage(one, channel, message))],
  };
};

type OnChannel = Omit<Chosen, "later">;

export const createChooseAddresses = (config: Config, rules: MessageRules, defaultsOf: DefaultsOf): ChooseAddresses => {
  const limits = limitsOf(config);
  const preference = config.users.channels.filter(isSendable);
  const plan = {
    preference,
    isUsable: (channel: string, address: string) => isChannel(channel) && "to" in checkRecipient(channel, address, limits),
  };
  /** Checks the message for each address of a step. */
  const checkStep = (step: Step, message: UserMessage, user: User, sender: Sender): OnChannel | Refused => {
    const { channel, targets } = step;
    if (!isSendable(channel)) return unreachable([missed(channel, "absent")]);
    const { content, ...others } = message.shared;
    const own = message.contents[channel] ?? partsFor(content, channel, message.channels ?? preference);
    const input = { ...others, ...variablesFor(message, user, defaultsOf), channel, ...(own === undefined ? {} : { content: own }) };
    const messages: CheckedMessage[] = [];
    let warnings: readonly Finding[] = [];
    for (const { address: to } of targets) {
      const permitted = rules({ ...input, to }, sender);
      if ("cause" in permitted) return inside(permitted, channel, message);
      messages.push(permitted.message);
      ({ warnings } = permitted);
    }
    return { channel, messages, warnings: warnings.map((one) => inUserMessage(one, channel, message)) };
  };
  return (message, user, sender, only) => {
    const { fallback, channels = preference } = message;
    const { steps, missed: unused } = planRecipient(
      user,
      fallback ? { fallback: [...fallback] } : { channels: only ? [only] : [...channels] },
      plan,
    );
    const checked: OnChannel[] = [];
    for (const step of steps) {
      const result = checkStep(step, message, user, sender);
      if ("cause" in result) return result;
      checked.push(result);
    }
    const [first, ...rest] = checked;
    if (!first) return unreachable(unused.map((one) => missed(one.channel, one.why)));
    const later = rest.map(({ messages }, index): ChosenStep => {
      const { unless, afterMs } = steps[index + 1] as Step;
      return { unless: unless ?? "delivered", afterMs, messages };
    });
    return { ...first, later, warnings: checked.flatMap(({ warnings }) => warnings) };
  };
};
