import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { z } from "zod";
import type { Channel } from "../schemas/generated.js";

export type RecipientCheck =
  /** In normal form; with the country (ISO 3166-1 alpha-2) where it tells one. */
  { readonly to: string; readonly country?: string } | { readonly problem: string; readonly fix: string };

const emailAddress = z.email({ pattern: z.regexes.html5Email }).max(254);
const pushEndpoint = /^[\x21-\x7e]{1,2048}$/;

const checkers: Readonly<Record<Channel, (to: string) => RecipientCheck>> = {
  email: (to) =>
    emailAddress.safeParse(to).success && to.indexOf("@") <= 64
      ? { to }
      : { problem: "is not an email address", fix: "give one address such as someone@example.com" },
  sms: (to) => {
    const number = to.trim().startsWith("+") ? parsePhoneNumberFromString(to) : undefined;
    if (!number) return { problem: "is not a phone number in E.164 form", fix: "give a plus sign, country code and number: +14155550100" };
    if (!number.isValid())
      return { problem: "is not a number that its country uses", fix: "check the country code and the number of digits" };
    return { to: number.number, ...(number.country ? { country: number.country } : {}) };
  },
  push: (to) =>
    pushEndpoint.test(to)
      ? { to }
      : { problem: "is not a device endpoint", fix: "give the endpoint's ARN or token, without spaces, at most 2,048 characters" },
};

/** Checks a recipient and brings it into its normal form (E.164 for SMS). */
export const checkRecipient = (channel: Channel, to: string): RecipientCheck => checkers[channel](to);
