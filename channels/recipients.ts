import type { Channel } from "../schemas/generated.js";
import { readEmailAddress } from "./email-address.js";
import { type NumberType, readPhoneNumber } from "./phone-number.js";
import { isRefusal, type Refusal } from "./refusal.js";

export type RecipientCheck =
  /** In normal form; with the country (ISO 3166-1 alpha-2) where it tells one. */
  { readonly to: string; readonly country?: string } | Refusal;

/** Characters of a URI, which ARNs and the tokens of all platforms keep to. Source: RFC 3986, 2. */
const pushEndpoint = /^[\w.~:/?#[\]@!$&'()*+,;=%-]{1,2048}$/;

const checkNumber = (to: string, refused: readonly NumberType[]): RecipientCheck => {
  const read = readPhoneNumber(to);
  if (isRefusal(read)) return read;
  if (read.type && refused.includes(read.type)) {
    const type = read.type.replaceAll("_", " ");
    return { problem: `is a ${type} number, to which no SMS is sent`, fix: "give a mobile number, or change limits.refuseNumberTypes" };
  }
  return { to: read.number, ...(read.country ? { country: read.country } : {}) };
};

const checkers: Readonly<Record<Channel, (to: string, refused: readonly NumberType[]) => RecipientCheck>> = {
  email: (to) => {
    const read = readEmailAddress(to);
    return isRefusal(read) ? read : { to: read.address };
  },
  sms: checkNumber,
  push: (to) =>
    pushEndpoint.test(to.trim())
      ? { to: to.trim() }
      : { problem: "is not a device endpoint", fix: "give the endpoint's ARN or token: characters of a URI alone, at most 2,048" },
};

/** Checks a recipient and brings it into its normal form: A-labels for email, E.164 for SMS. `refused`: types of numbers that get none. */
export const checkRecipient = (channel: Channel, to: string, refused: readonly NumberType[] = []): RecipientCheck =>
  checkers[channel](to, refused);
