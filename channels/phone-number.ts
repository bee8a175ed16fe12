import { type NumberType as LibraryNumberType, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { type Refusal, refuse } from "./refusal.js";

/** Kinds of numbers that a numbering plan tells apart. */
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
  /** ISO 3166-1 alpha-2, where the number has one. */
  readonly country: string | undefined;
  /** Undefined where the numbering plan does not say. */
  readonly type: NumberType | undefined;
}

const form = "give a plus sign, country code and number: +14155550100";

/** Digits and what people write between them. Source: RFC 3966, 3 (visual separators), and spaces. */
const written = /^\+[\d ().\-/\u00a0]+$/;

const typeOf = (type: LibraryNumberType): NumberType | undefined => numberTypes.find((known) => known === type?.toLowerCase());

/** A whole text as one number: nothing before it, nothing after it. Takes a tel: URI of a global number, too (RFC 3966). */
export const readPhoneNumber = (text: string): PhoneNumber | Refusal => {
  const line = text.trim().replace(/^tel:/i, "");
  if (/^\+[^;]*(?:;|\bext|\bx|#)/i.test(line)) return refuse("has an extension or parameter, which an SMS cannot reach", form);
  const number = written.test(line) ? parsePhoneNumberFromString(line, { extract: false }) : undefined;
  if (!number || number.ext) return refuse("is not a phone number in E.164 form", form);
  if (!number.isValid()) return refuse("is not a number that its country uses", "check the country code and the number of digits");
  return { number: number.number, country: number.country, type: typeOf(number.getType()) };
};
