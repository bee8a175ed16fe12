// Your own channel: phone calls that read out a text. docs/channels.md describes each part of the definition.
import { addChannel, defineChannel, isRefusal, readPhoneNumber, refuse } from "carillon/channels";

const hourMs = 3_600_000;
const wanted = "a phone number in E.164 form";

const voice = defineChannel({
  label: "voice",
  recipient: {
    wanted,
    docs: [],
    check: (to) => {
      const read = readPhoneNumber(to);
      return isRefusal(read) ? read : { to: read.number, ...(read.country ? { country: read.country } : {}) };
    },
    isDifferentRecipient: () => false,
  },
  sender: {
    read: (text) => {
      const read = readPhoneNumber(text);
      return isRefusal(read) ? refuse(read.problem, `give ${wanted}`) : { from: read.number, identity: read.number };
    },
  },
  content: { parts: ["text"], requiresOneOf: ["text"] },
  limits: {},
  options: {},
  defaults: { expiresAfterMs: hourMs, receiptDeadlineMs: hourMs, retryBaseMs: 1_000 },
  form: { fields: [{ part: "text", label: "Text" }], preview: "phone" },
  sandbox: { example: "+14155550100", doc: "voice by the last four digits", matches: (to, { digits }) => to.endsWith(digits) },
});

addChannel("voice", voice);
