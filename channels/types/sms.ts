import { z } from "zod";
import { type CompletedTexts, defineChannel, type Texts } from "../channel-definition.js";
import { lineProblem } from "../one-line.js";
import { numberTypes, readPhoneNumber } from "../phone-number.js";
import { isRefusal, refuse } from "../refusal.js";
import { smartEncode } from "../smart-encoding.js";
import { countSmsSegments } from "../sms-segments.js";

const hourMs = 3_600_000;

const shortCode = /^\d{3,8}$/;
/**
 * Letters and digits of the GSM alphabet that networks transmit unchanged, with separators between them. Source: 3GPP TS 23.040, 9.1.2.5.
 */
const senderId = /^(?=.*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9 &+._-]{0,9}[A-Za-z0-9])?$/;
const senderForm = "give a number in E.164 form, a short code of 3 to 8 digits, or a sender id of at most 11 letters and digits";

/** A shorter run of digits may be the end of any number. */
const leastDigits = 6;

const digitsOf = (address: string): string | undefined => {
  const digits = address.replace(/^\+|[\s().-]/g, "");
  return /^\d+$/.test(digits) ? digits.replace(/^0+/, "") : undefined;
};

interface Encoding {
  readonly smartEncoding?: boolean;
}

/** The text after smart encoding. */
const sentText = (text: string, { smartEncoding = false }: Encoding): string => (smartEncoding ? smartEncode(text).text : text);

const segmentsOf = ({ text }: Texts, encoding: Encoding) => countSmsSegments(sentText(text ?? "", encoding));

export const sms = defineChannel({
  label: "SMS",
  recipient: {
    wanted: "a phone number in E.164 form (+14155550100)",
    docs: [
      "Phone numbers are E.164, with or without spaces and hyphens. `limits.blockedNumberTypes` lists the types of numbers to which Carillon sends no SMS.",
    ],
    check: (to, settings) => {
      const read = readPhoneNumber(to);
      if (isRefusal(read)) return read;
      if (read.type && settings?.blockedNumberTypes.includes(read.type)) {
        const type = read.type.replaceAll("_", " ");
        return refuse(`is a ${type} number, which cannot receive an SMS`, "give a mobile number, or change limits.blockedNumberTypes");
      }
      return { to: read.number, ...(read.country ? { country: read.country } : {}) };
    },
    isDifferentRecipient: (recipient, named) => {
      // the number may or may not include its country code
      const [one, other] = [digitsOf(recipient), digitsOf(named)];
      if (!one || !other || Math.min(one.length, other.length) < leastDigits) return false;
      return !one.endsWith(other) && !other.endsWith(one);
    },
  },
  sender: {
    wanted: "a sender of SMS",
    doc: "for SMS a number, a short code of 3 to 8 digits, or a sender id of at most 11 letters and digits, with spaces and `& + . _ -` between them",
    read: (text) => {
      const sender = text.trim();
      if (sender.startsWith("+") || /^tel:/i.test(sender)) {
        const read = readPhoneNumber(sender);
        return isRefusal(read) ? refuse(read.problem, senderForm) : { from: read.number, identity: read.number };
      }
      if (shortCode.test(sender) || senderId.test(sender)) return { from: sender, identity: sender };
      return refuse(lineProblem(sender) ?? "is not a sender of SMS", senderForm);
    },
  },
  content: {
    parts: ["text"],
    requiresOneOf: ["text"],
    check: (texts, settings) => {
      const { segments } = segmentsOf(texts, settings);
      const most = settings.smsSegments;
      if (!texts.text || segments <= most) return [];
      const problem = `needs ${segments} parts, at most ${most} are allowed`;
      return [{ field: "content.text", reason: "content_too_large", problem, fix: "shorten the text" }];
    },
    warn: (texts, settings) => {
      const { segments, encoding } = segmentsOf(texts, settings);
      if (segments <= 1) return [];
      const problem = `is sent and billed as ${segments} parts (${encoding})`;
      return [{ field: "content.text", reason: "invalid_content", problem, fix: "shorten it, or leave out characters beyond GSM-7" }];
    },
    complete: (texts, { smartEncoding }): CompletedTexts => {
      if (!smartEncoding || !texts.text) return { texts, details: {} };
      const { text, replaced } = smartEncode(texts.text);
      return { texts: { ...texts, text }, details: replaced > 0 ? { charactersReplaced: String(replaced) } : {} };
    },
    segments: ({ text }) => countSmsSegments(text ?? "").segments,
  },
  limits: {
    // networks reliably join 10 parts
    smsSegments: z.number().int().min(1).max(100_000).default(10).describe("maximum number of parts of an SMS"),
    blockedNumberTypes: z
      .array(z.enum(numberTypes))
      .default(["premium_rate", "shared_cost", "pager", "voicemail"])
      .describe(`types of phone numbers that receive no SMS, from ${numberTypes.join(", ")}`),
  },
  options: {
    smartEncoding: z
      .boolean()
      .default(false)
      .describe(
        "replace typographic characters (curly quotes, dashes, odd spaces) where that makes the whole text GSM-7, which needs fewer parts",
      ),
  },
  defaults: { expiresAfterMs: 24 * hourMs, receiptDeadlineMs: 24 * hourMs, retryBaseMs: 1_000 },
  form: { fields: [{ part: "text", label: "Text" }], preview: "phone" },
  sandbox: {
    example: "+14155550100",
    doc: "SMS by the last four digits",
    matches: (to, { digits }) => to.endsWith(digits),
  },
});
