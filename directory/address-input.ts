import { z } from "zod";
import { isRefusal } from "../channels/refusal.js";
import { inputCheck } from "../client/check-input.js";
import { appId } from "../client/checked-ids.js";
import { type AddressChannel, addressChannels } from "../stores/directory/directory.js";
import { checkAddress } from "./check-address.js";

/** The body of `POST` and `DELETE /v1/users/ID/addresses`. */
export const addressGiven = z.strictObject({
  channel: z
    .enum(addressChannels)
    .describe("the channel of the address")
    .meta({ wanted: addressChannels.join(", ") }),
  address: z.string().describe("the email address, phone number, token, URL or device id").meta({ wanted: "an address of the channel" }),
  app: appId.nullish().describe("the app that a token belongs to"),
});

export interface GivenAddress {
  readonly channel: AddressChannel;
  readonly address: string;
  readonly app: string | null;
}

const checked = addressGiven.transform(({ channel, address, app }, context): GivenAddress => {
  const found = checkAddress(channel, address);
  if (!isRefusal(found)) return { channel, address: found.address, app: app ?? null };
  context.issues.push({ code: "custom", path: ["address"], message: found.problem, params: { fix: found.fix }, input: address });
  return z.NEVER;
});

/** Checks an address with its channel. */
export const checkGivenAddress = inputCheck(checked, {
  whole: "address",
  wanted: "give an object with channel and address",
  unknownField: "leave it out; an address has channel, address and app",
});
