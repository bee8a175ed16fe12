import { type NumberType as LibraryNumberType, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { type Refusal, refuse } from "./refusal.js";

/** Kinds of numbers that a numbering plan distinguishes. */
export const numberTypes = [
  "mobile",
  "fixed_line",
  "fixed_line_or_mobile",
  "toll_free",
  "premium_rate",
  "shared_cost",
  "voip",
  "personal_number",
  "pager",
  "uan",
  "voicemail",
] as const;

export type NumberType = (typeof numberTypes)[number];

export interface PhoneNumber {
  /** In E.164. */
  readonly number: string;
  /** ISO 3166-1 alpha-2, if the number has a country. */
  readonly country: string | undefined;
  /** Undefined if the numbering plan does not distinguish it. */
  readonly type: NumberType | undefined;
}

const form = "give a plus sign, country code and number: +14155550100";

/** Digits and the usual separators. Source: RFC 3966, 3 (visual separators), and spaces. */
const written = /^\+[\d ().\-/\u00a0]+$/;

const typeOf = (type: LibraryNumberType): NumberType | undefined => numberTypes.find((known) => known === type?.toLowerCase());

/** Parses a whole text as one number, with nothing before or after it. Also accepts a tel: URI of a global number (RFC 3966). */
export const readPhoneNumber = (text: string): PhoneNumber | Refusal => {
  const line = text.trim().replace(/^tel:/i, "");
  if (/^\+[^;]*(?:;|\bext|\bx|#)/i.test(line)) return refuse("has an extension or parameter, which an SMS cannot reach", form);
  const number = written.test(line) ? parsePhoneNumberFromString(line, { extract: false }) : undefined;
  if (!number || number.ext) return refuse("is not a phone number in E.164 form", form);
  if (!number.isValid()) return refuse("is not a number that its country uses", "check the country code and the number of digits");
  return { number: number.number, country: number.country, type: typeOf(number.getType()) };
};
