import { readEmailAddress } from "../../../channels/email-address.js";
import { readMailbox, readReplyTo } from "../../../channels/mailbox.js";
import { readMediaType } from "../../../channels/media-type.js";
import { messagePartProblem } from "../../../channels/message-part.js";
import { headerProblem, lineProblem } from "../../../channels/one-line.js";
import { isRefusal, type Refusal } from "../../../channels/refusal.js";
import { readUnsubscribeUrl } from "../../../channels/unsubscribe-url.js";
import type { SendOutcome } from "../../../processors/provider.js";
import { CarillonError } from "../../../schemas/errors.js";
import type { DispatchCommand } from "../../../schemas/generated.js";

const unsendable = (field: string, problem: string): never => {
  throw new CarillonError("UNSENDABLE", `${field} ${problem}`);
};

const known = <T extends object>(field: string, read: T | Refusal): T => (isRefusal(read) ? unsendable(field, read.problem) : read);

/** A text for a header. The library would drop or replace line breaks, which would change the mail. */
const line = (field: string, text: string): string => {
  const problem = lineProblem(text);
  return problem === undefined ? text : unsendable(field, problem);
};

/** A text that mail readers display decoded. */
const shown = (field: string, text: string): string => {
  const problem = headerProblem(text);
  return problem === undefined ? text : unsendable(field, problem);
};

const mediaTypeOf = ({ contentType, content }: DispatchCommand["content"]["attachments"][number]): string => {
  const { mediaType } = known("content.attachments.contentType", readMediaType(contentType));
  const problem = messagePartProblem(mediaType, content);
  return problem === undefined ? mediaType : unsendable("content.attachments.content", problem);
};

/** One-click unsubscription: the URL accepts a POST with this body without further confirmation. Source: RFC 8058, 3. */
const listHeaders = (unsubscribeUrl: string | null): Readonly<Record<string, string>> =>
  unsubscribeUrl
    ? {
        "List-Unsubscribe": `<${known("content.unsubscribeUrl", readUnsubscribeUrl(unsubscribeUrl)).url}>`,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      }
    : {};

/** Uses the line ends of mail, so that the signature covers the mail as it arrives. Source: RFC 5322, 2.3; RFC 6376, 5.3. */
const withMailLineEnds = (text: string | null): string | undefined => text?.replaceAll(/\r\n?|\n/g, "\r\n");

/** atext of RFC 5322: other characters in an id would end the Message-ID or start a comment. */
const idCharacters = (id: string): string =>
  encodeURIComponent(id).replaceAll(/[()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Sender and recipient of a mail, and whether their addresses need SMTPUTF8. Throws UNSENDABLE for an invalid address. */
export const addressesOf = ({ from, to }: Pick<DispatchCommand, "from" | "to">) => {
  if (from === null) return unsendable("from", "is missing: give a sender, or set channels.email.from");
  const sender = known("from", readMailbox(from));
  const recipient = known("to", readEmailAddress(to));
  return { sender, recipient, international: sender.international || recipient.international };
};

/** A mail with addresses that the provider does not support. Nothing is sent. */
export const notTaken = (detail: string): SendOutcome => ({
  kind: "permanent_failure",
  reason: "recipient_rejected",
  detail,
  notSent: true,
});

const replyTo = (text: string | null) =>
  text === null ? undefined : known("content.replyTo", readReplyTo(text)).map(({ name, address }) => ({ name, address }));

/** Adds places where the header can be folded: a line has at most 998 octets. Sources: RFC 5322 2.1.1, W3C Trace Context 3.3.1.3. */
const foldable = (list: string): string => list.split(",").join(", ");

/** Converts a command to a nodemailer message. The Message-ID is the same for one attempt. Throws UNSENDABLE if a header is impossible. */
export const mailOf = (command: DispatchCommand, messageIdDomain: string | null = null) => {
  const { subject, text, html, attachments, unsubscribeUrl } = command.content;
  const { sender, recipient } = addressesOf(command);
  return {
    from: { name: sender.name, address: sender.address },
    to: { name: "", address: recipient.address },
    envelope: { from: sender.address, to: [recipient.address] },
    subject: shown("content.subject", subject ?? ""),
    text: withMailLineEnds(text),
    html: withMailLineEnds(html),
    replyTo: replyTo(command.content.replyTo),
    attachments: attachments.map((attachment) => ({
      filename: shown("content.attachments.filename", attachment.filename),
      contentType: mediaTypeOf(attachment),
      content: attachment.content,
      ...(attachment.contentId ? { cid: line("content.attachments.contentId", attachment.contentId) } : {}),
    })),
    messageId: `<${idCharacters(command.messageId)}.${command.attempt}@${messageIdDomain ?? sender.domain}>`,
    headers: {
      "X-Carillon-Message-ID": line("id", command.messageId),
      traceparent: line("traceparent", command.traceparent),
      ...(command.tracestate ? { tracestate: foldable(line("tracestate", command.tracestate)) } : {}),
      ...listHeaders(unsubscribeUrl),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
};
