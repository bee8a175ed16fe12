import type { Delivery } from "./pdu-reader.js";

/** Fields of a receipt's text. Source: SMPP 3.4, appendix B. */
export type ReceiptField = "id" | "sub" | "dlvrd" | "submit" | "done" | "stat" | "err" | "text";

/** SMSCs write the labels in any case and order, with or without spaces. */
const label =
  /(?:^|[\s,;|])(id|msgid|message[ _]?id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat(?:us|e)?|err(?:or)?(?:[ _]?code)?|text)\s*[:=]/gi;

const names: readonly (readonly [RegExp, ReceiptField])[] = [
  [/^(id|msgid|message[ _]?id)$/i, "id"],
  [/^sub$/i, "sub"],
  [/^dlvrd$/i, "dlvrd"],
  [/^submit/i, "submit"],
  [/^done/i, "done"],
  [/^stat/i, "stat"],
  [/^err/i, "err"],
  [/^text$/i, "text"],
];

const nameOf = (written: string): ReceiptField => names.find(([pattern]) => pattern.test(written))?.[1] ?? "text";

/** The text from a label to its first space or to the next label. */
const wordOf = (between: string): string => /^[^\s,;|]+/.exec(between.trim())?.[0] ?? "";

const fieldsIn = (text: string): Map<ReceiptField, string> => {
  const found = [...text.matchAll(label)];
  const fields = new Map<ReceiptField, string>();
  for (const [index, match] of found.entries()) {
    const name = nameOf(match[1] ?? "");
    const value = wordOf(text.slice(match.index + match[0].length, found[index + 1]?.index ?? text.length));
    if (!fields.has(name)) fields.set(name, value);
  }
  return fields;
};

/** A text with fewer labels may be an ordinary message. */
const leastLabels = 2;

/**
 * The fields of a receipt's text; empty if the text is not a receipt. The quoted original text comes last. Labels in it count only if the
 * rest names no message, as with an SMSC that writes `text:` first.
 */
export const receiptFieldsOf = (text: string): ReadonlyMap<ReceiptField, string> => {
  const quoted = /(?:^|[\s,;|])text\s*[:=]/i.exec(text);
  const head = fieldsIn(quoted ? text.slice(0, quoted.index) : text);
  const fields = head.has("id") || head.has("stat") ? head : fieldsIn(text);
  fields.delete("text");
  return fields.size >= leastLabels ? fields : new Map();
};

const [userDataHeader, ucs2] = [0x40, 0x08];

/** Removes the user data header. Source: SMPP 3.4, 5.2.12; 3GPP TS 23.040, 9.2.3.24. */
const withoutHeader = (bytes: Buffer, esmClass: number): Buffer => {
  const length = (bytes[0] ?? 0) + 1;
  return (esmClass & userDataHeader) !== 0 && length <= bytes.length ? bytes.subarray(length) : bytes;
};

const utf16 = (bytes: Buffer): string =>
  Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)))
    .swap16()
    .toString("utf16le");

/** Receipts are ASCII, whatever data_coding says; `_` is 0x11 in the GSM alphabet. */
const ascii = (bytes: Buffer): string => bytes.toString("latin1").replaceAll("\u0011", "_");

/** NUL, line breaks and other control characters separate words. */
const controls = /\p{Cc}+/gu;

const decodings = (bytes: Buffer, dataCoding: number): readonly string[] => {
  const wide = utf16(bytes);
  const narrow = ascii(bytes);
  const order = (dataCoding & 0x0c) === ucs2 ? [wide, narrow] : [narrow, wide];
  return order.map((text) => text.replace(controls, " ").trim());
};

const messagePayload = 0x0424;

/** The fields of the receipt in a delivery, in whichever field and encoding its text is. */
export const receiptFieldsIn = ({ shortMessage, tlvs, esmClass, dataCoding }: Delivery): ReadonlyMap<ReceiptField, string> => {
  const bodies = [shortMessage, tlvs.get(messagePayload) ?? Buffer.alloc(0)];
  const texts = bodies.flatMap((body) => [
    ...decodings(withoutHeader(body, esmClass), dataCoding),
    // the announced header may be missing
    ...((esmClass & userDataHeader) === 0 ? [] : decodings(body, dataCoding)),
  ]);
  const all = texts.map(receiptFieldsOf);
  return all.find((fields) => fields.has("id") && fields.has("stat")) ?? all.find((fields) => fields.size > 0) ?? new Map();
};
