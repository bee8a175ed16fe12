import type { Channel } from "../schemas/generated.js";
import { readMailbox, writeMailbox } from "./mailbox.js";
import { lineProblem } from "./one-line.js";
import { readPhoneNumber } from "./phone-number.js";
import { isRefusal, type Refusal, refuse } from "./refusal.js";

/** A sender in its normal form, and what identifies it: the address without a name, the number or sender id. */
export interface Sender {
  readonly from: string;
  readonly identity: string;
  /** Of an email address, in A-labels. */
  readonly domain?: string;
}

const shortCode = /^\d{3,8}$/;
/** Letters and digits of the GSM alphabet that networks pass on unchanged, and the marks between them. Source: 3GPP TS 23.040, 9.1.2.5. */
const senderId = /^(?=.*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9 &+._-]{0,9}[A-Za-z0-9])?$/;
const mostPushCharacters = 128;

const smsForm = "give a number in E.164 form, a short code of 3 to 8 digits, or a sender id of at most 11 letters and digits";

const readSmsSender = (text: string): Sender | Refusal => {
  const sender = text.trim();
  if (sender.startsWith("+") || /^tel:/i.test(sender)) {
    const read = readPhoneNumber(sender);
    return isRefusal(read) ? refuse(read.problem, smsForm) : { from: read.number, identity: read.number };
  }
  if (shortCode.test(sender) || senderId.test(sender)) return { from: sender, identity: sender };
  return refuse(lineProblem(sender) ?? "is not a sender of SMS", smsForm);
};

const readers: Readonly<Record<Channel, (text: string) => Sender | Refusal>> = {
  email: (text) => {
    const read = readMailbox(text);
    return isRefusal(read) ? read : { from: writeMailbox(read), identity: read.address, domain: read.domain };
  },
  sms: readSmsSender,
  push: (text) => {
    const sender = text.trim();
    const problem = sender === "" ? "is empty" : lineProblem(sender);
    if (problem === undefined && sender.length <= mostPushCharacters) return { from: sender, identity: sender };
    return refuse(problem ?? "is too long", `give one line of at most ${mostPushCharacters} characters`);
  },
};

/** Reads a sender of one channel. The message, the configuration, Avro input and each provider use this one check. */
export const readSender = (channel: Channel, from: string): Sender | Refusal => readers[channel](from);
