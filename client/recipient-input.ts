import { z } from "zod";
import type { Channel } from "../schemas/generated.js";
import { isChannel } from "../schemas/vocabulary.js";
import { type AddressChannel, addressChannels } from "../stores/directory/directory.js";
import { inputCheck } from "./check-input.js";
import { userId } from "./checked-ids.js";

/**
 * How far a message came, least first: a provider accepted it, the recipient's side confirmed its arrival, the application on a device
 * acknowledged it, the recipient opened it. Each includes the ones before.
 */
export const conditions = ["accepted", "delivered", "acked", "opened"] as const;
export type Condition = (typeof conditions)[number];

/** The conditions that messages of a channel can meet. Acceptance by APNs or FCM says nothing about the device. */
export const conditionsOf: Readonly<Record<AddressChannel, readonly Condition[]>> = {
  email: ["accepted", "delivered", "opened"],
  sms: ["accepted", "delivered"],
  push: ["accepted", "delivered", "opened"],
  http: ["accepted", "delivered"],
  device: ["accepted", "delivered", "acked", "opened"],
};

const bounds = { leastAfterMs: 1_000, mostAfterMs: 7 * 86_400_000 } as const;

const stepOn = <Name extends AddressChannel>(names: readonly Name[]) =>
  z.strictObject({
    channel: z.enum(names).meta({ wanted: names.join(", ") }),
    unless: z
      .enum(conditions)
      .optional()
      .describe("send this step unless a message of an earlier step came that far")
      .meta({ wanted: conditions.join(", ") }),
    afterMs: z.int().min(bounds.leastAfterMs).max(bounds.mostAfterMs).optional().describe("how long earlier steps have for that"),
  });

export type GivenStep = z.output<ReturnType<typeof stepOn<AddressChannel>>>;

const hasTwice = (channels: readonly string[]): boolean => new Set(channels).size < channels.length;

/** Why a step cannot follow the ones before it; undefined if it can. */
const stepProblem = ({ unless, afterMs }: GivenStep, earlier: readonly GivenStep[]): string | undefined => {
  if (earlier.length === 0) return unless === undefined && afterMs === undefined ? undefined : "is the first step, which has no condition";
  if (unless === undefined || afterMs === undefined) return "lacks unless or afterMs";
  return earlier.some((one) => conditionsOf[one.channel].includes(unless))
    ? undefined
    : `waits for "${unless}", which no channel before it can meet`;
};

const fallbackOn = <Name extends AddressChannel>(names: readonly Name[]) =>
  z
    .array(stepOn(names))
    .min(1)
    .max(names.length)
    .superRefine((steps, context) => {
      const fix = "give the first step a channel, and each further one a channel, unless and afterMs";
      steps.forEach((own, index) => {
        const message = stepProblem(own, steps.slice(0, index));
        if (message) context.addIssue({ code: "custom", path: [index], message, params: { fix } });
      });
      if (hasTwice(steps.map((own) => own.channel)))
        context.addIssue({ code: "custom", message: "has a channel twice", params: { fix: "give each channel once" } });
    })
    .describe("channels that are tried one after the other")
    .meta({ wanted: "a list of steps" });

const channelsOf = <Name extends AddressChannel>(names: readonly Name[]) =>
  z
    .array(z.enum(names).meta({ wanted: names.join(", ") }))
    .min(1)
    .max(names.length)
    .refine((given) => !hasTwice(given), { error: "has a channel twice" })
    .describe("channels in the order of preference: the first with a usable address is used")
    .meta({ wanted: `a list of ${names.join(", ")}, each once` });

/** The channels of users on which messages can be sent. */
export type SendableChannel = Extract<AddressChannel, Channel>;
export const isSendable = (name: string): name is SendableChannel =>
  isChannel(name) && (addressChannels as readonly string[]).includes(name);
export const sendableChannels = addressChannels.filter(isSendable);

const recipientOn = <Name extends AddressChannel>(names: readonly Name[]) =>
  z
    .strictObject({
      user: userId.describe("the user's id"),
      channels: channelsOf(names).optional(),
      fallback: fallbackOn(names).optional(),
    })
    .superRefine((given, context) => {
      if (given.channels && given.fallback)
        context.addIssue({ code: "custom", path: ["fallback"], message: "is given with channels", params: { fix: "give one of both" } });
    });

/** The recipient of a message: a user of the directory. */
export const recipientToSend = recipientOn(sendableChannels);

/** The recipient of a message, on any channel of users. */
export const recipientGiven = recipientOn(addressChannels);

export type GivenRecipient = z.output<typeof recipientGiven>;

/** Checks a recipient. */
export const checkRecipientUser = inputCheck(recipientGiven, {
  whole: "recipient",
  wanted: "give an object with user, and channels or fallback",
  unknownField: "leave it out; a recipient has user, channels and fallback",
});
