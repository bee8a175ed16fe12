import type { Condition, GivenRecipient, GivenStep } from "../client/recipient-input.js";
import type { AddressChannel, User } from "../stores/directory/directory.js";

/** An address that a message goes to. */
export interface Target {
  readonly address: string;
  readonly app: string | null;
}

/** Messages that are sent together. */
export interface Step {
  readonly channel: AddressChannel;
  /** At least one. */
  readonly targets: readonly Target[];
  /** Sent unless a message of an earlier step came that far within `afterMs`; null: sent at once. */
  readonly unless: Condition | null;
  readonly afterMs: number;
}

export interface MissedChannel {
  readonly channel: AddressChannel;
  /** `absent`: the user has no address there. `unusable`: has some, but none may be used. */
  readonly why: "absent" | "unusable";
}

export interface RecipientPlan {
  /** In their order; none: the user cannot be reached. */
  readonly steps: readonly Step[];
  /** Channels that were preferred to the chosen ones, and why each was not used. */
  readonly missed: readonly MissedChannel[];
}

export interface PlanRules {
  /** Channels in the order of preference, for a recipient that names none. */
  readonly preference: readonly AddressChannel[];
  /** False: an address that must not be used, for example after a hard bounce. */
  readonly isUsable: (channel: AddressChannel, address: string) => boolean;
}

const newest = <Item>(items: readonly Item[]): readonly Item[] => items.slice(-1);

/** Every address of a user on a channel. The registrations of a user are sorted by age. */
const addressesOn = ({ addresses }: User, channel: AddressChannel): readonly Target[] => {
  if (channel === "email" || channel === "sms") {
    const address = addresses[channel];
    return address === null ? [] : [{ address, app: null }];
  }
  return addresses[channel].map(({ address, app }) => ({ address, app }));
};

/** A person's other apps and devices are all reached, but an endpoint of the tenant's own is called once. */
const targetsOf = (channel: AddressChannel, usable: readonly Target[]): readonly Target[] =>
  channel === "push" || channel === "device" ? usable : newest(usable);

const stepOf = (user: User, { channel, unless, afterMs }: GivenStep, { isUsable }: PlanRules): Step | MissedChannel => {
  const all = addressesOn(user, channel);
  const targets = targetsOf(
    channel,
    all.filter(({ address }) => isUsable(channel, address)),
  );
  if (targets.length === 0) return { channel, why: all.length === 0 ? "absent" : "unusable" };
  return { channel, targets, unless: unless ?? null, afterMs: afterMs ?? 0 };
};

const isStep = (step: Step | MissedChannel): step is Step => "targets" in step;

/**
 * The messages for a user. With `channels` these are one step: the first channel with a usable address. With `fallback` every channel with
 * a usable address is a step, and the first of them is sent at once.
 */
export const planRecipient = (user: User, recipient: Omit<GivenRecipient, "user">, rules: PlanRules): RecipientPlan => {
  const { fallback } = recipient;
  const wanted: readonly GivenStep[] = fallback ?? (recipient.channels ?? rules.preference).map((channel) => ({ channel }));
  const steps: Step[] = [];
  const missed: MissedChannel[] = [];
  for (const given of wanted) {
    const step = stepOf(user, given, rules);
    if (!isStep(step)) missed.push(step);
    else steps.push(steps.length === 0 ? { ...step, unless: null, afterMs: 0 } : step);
    if (!fallback && steps.length > 0) break;
  }
  return { steps, missed };
};
