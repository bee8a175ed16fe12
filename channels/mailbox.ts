import { type EmailAddress, readEmailAddress } from "./email-address.js";
import { nameProblem } from "./one-line.js";
import { isRefusal, type Refusal, refuse } from "./refusal.js";

/** An address with its display name; empty: none. Source: RFC 5322, 3.4. */
export interface Mailbox extends EmailAddress {
  readonly name: string;
}

const mostNameCharacters = 200;
const mostMailboxes = 10;

const form = 'give one address, with or without a name: "Support" <someone@example.com>';
const encodedWord = /=\?[^?\s]+\?[bq]\?/i;

/** A phrase of atoms, dots and quoted strings, then the address in angle brackets. One character at a time, so in linear time. */
const named = /^((?:"(?:[^"\\]|\\.)*"|[^"<>@,;:\\()[\]])*)<([^<>]*)>$/u;

const unquote = (phrase: string): string =>
  phrase.replaceAll(/"((?:[^"\\]|\\.)*)"/gu, (_whole, inner: string) => inner.replaceAll(/\\(.)/gu, "$1")).trim();

/** Names that need no quotes: atext, single spaces, and non-ASCII characters. */
const bare = /^[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+(?: [\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+)*$/u;

/** A mailbox in a header's form, before encoding. */
export const writeMailbox = ({ name, address }: Pick<Mailbox, "name" | "address">): string => {
  if (name === "") return address;
  return `${bare.test(name) ? name : `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`} <${address}>`;
};

/** A quoted string, an address in angle brackets, or one character. */
const pieces = /"(?:[^"\\]|\\.)*"?|<[^>]*>?|[^"<]/gu;

/** Splits at commas outside quotes and angle brackets. Undefined if a group starts (RFC 5322, 3.4). */
const cut = (text: string): readonly string[] | undefined => {
  const parts = [""];
  for (const [piece] of text.matchAll(pieces)) {
    if (piece === ":") return undefined;
    if (piece === ",") parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts.map((part) => part.trim());
};

const readOne = (text: string): Mailbox | Refusal => {
  if (!text.endsWith(">")) {
    const plain = readEmailAddress(text);
    return isRefusal(plain) ? refuse(plain.problem, form) : { ...plain, name: "" };
  }
  const found = named.exec(text);
  if (!found) return refuse("has a name with characters that must stand in quotes (RFC 5322, 3.2.3)", form);
  const [, phrase = "", inner = ""] = found;
  const name = unquote(phrase);
  if (name.length > mostNameCharacters) return refuse(`has a name of more than ${mostNameCharacters} characters`, "shorten the name");
  if (encodedWord.test(name)) return refuse("has an encoded name", "give the name itself in UTF-8: Carillon encodes it");
  const address = readEmailAddress(inner);
  return isRefusal(address) ? refuse(address.problem, form) : { ...address, name };
};

/** Several mailboxes in one line, separated by commas. */
export const readMailboxes = (text: string, most = mostMailboxes): readonly Mailbox[] | Refusal => {
  const line = text.trim();
  const unfit = nameProblem(line);
  if (unfit) return refuse(unfit, form);
  const parts = cut(line);
  if (!parts) return refuse("names a group (RFC 5322, 3.4)", "give the addresses themselves");
  if (parts.length > most)
    return refuse(`has ${parts.length} addresses, and ${most} ${most === 1 ? "is" : "are"} allowed`, most === 1 ? form : "give fewer");
  const mailboxes: Mailbox[] = [];
  for (const part of parts) {
    const mailbox = readOne(part);
    if (isRefusal(mailbox)) return mailbox;
    mailboxes.push(mailbox);
  }
  return mailboxes;
};

/** Addresses for replies. A non-ASCII header needs SMTPUTF8 (RFC 6532), which Carillon requests only for sender and recipient. */
export const readReplyTo = (text: string): readonly Mailbox[] | Refusal => {
  const read = readMailboxes(text);
  if (isRefusal(read)) return read;
  return read.some(({ international }) => international)
    ? refuse("has characters beyond ASCII before the @, which a mail to others cannot carry", "give an address for answers in ASCII")
    : read;
};

/** One mailbox on one line. */
export const readMailbox = (text: string): Mailbox | Refusal => {
  const read = readMailboxes(text, 1);
  return isRefusal(read) ? read : (read[0] ?? refuse("is empty", form));
};
