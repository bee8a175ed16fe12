import { z } from "zod";
import { readBy } from "../channels/read-by.js";
import { isRefusal } from "../channels/refusal.js";
import { appId, userId } from "../client/checked-ids.js";
import { type AddressChannel, type DeviceChannel, directoryBounds, type SingleChannel } from "../stores/directory/directory.js";
import { attributes } from "./attributes-input.js";
import { checkAddress } from "./check-address.js";
import { locale, timeZone } from "./locale-checks.js";

const addressOf = (channel: AddressChannel) =>
  readBy((text) => {
    const checked = checkAddress(channel, text);
    return isRefusal(checked) ? checked : checked.address;
  });

/** A token or endpoint, and the app that it belongs to. */
export interface GivenDevice {
  readonly address: string;
  readonly app: string | null;
}

/** A token or endpoint alone, or with its app. */
const deviceOf = (channel: DeviceChannel) =>
  z
    .union([z.string(), z.strictObject({ address: z.string(), app: appId.nullish() })], {
      error: "is not an address, or an object with address and app",
    })
    .transform((given, context): GivenDevice => {
      const { address, app } = typeof given === "string" ? { address: given, app: null } : given;
      const checked = checkAddress(channel, address);
      if (!isRefusal(checked)) return { address: checked.address, app: app ?? null };
      context.issues.push({ code: "custom", message: checked.problem, params: { fix: checked.fix }, input: given });
      return z.NEVER;
    });

const oneOf = (channel: SingleChannel, doc: string) => addressOf(channel).nullable().optional().describe(doc);
const listOf = (channel: DeviceChannel, doc: string) =>
  z
    .array(deviceOf(channel))
    .max(directoryBounds.registrations)
    .optional()
    .describe(`${doc}; absent: the registered ones stay`)
    .meta({
      wanted: `a list of at most ${directoryBounds.registrations} addresses, or objects with address and app`,
      typed: "(string | { address: string; app?: string })[]",
    });

const addresses = z.strictObject({
  email: oneOf("email", "the email address").meta({ wanted: "an email address" }),
  sms: oneOf("sms", "the phone number for SMS").meta({ wanted: "a phone number such as +14155550100" }),
  push: listOf("push", "endpoints or tokens of the user's apps"),
  http: addressOf("http").nullable().optional().describe("the URL that receives messages").meta({ wanted: "an https URL" }),
  device: listOf("device", "ids of devices that connect to the gateway"),
});

const userFields = {
  addresses: addresses.optional().describe("where each channel reaches the user"),
  locale,
  timeZone,
  attributes: attributes.optional().describe("values of your own, for templates and filters"),
};

/** The body of `PUT /v1/users/ID`. */
export const userGiven = z.strictObject(userFields);

/** A line of an import: a user with its id. */
export const userLineGiven = z.strictObject({ id: userId.describe("the user's id in your system"), ...userFields });

export type UserLine = z.output<typeof userLineGiven>;
