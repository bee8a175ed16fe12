import type { DispatchCommand } from "../../../schemas/generated.js";

/** One-click unsubscription: the address takes a POST with this body and asks nothing. Source: RFC 8058, 3. */
const listHeaders = (unsubscribeUrl: string | null): Readonly<Record<string, string>> =>
  unsubscribeUrl ? { "List-Unsubscribe": `<${unsubscribeUrl}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" } : {};

/** A command as nodemailer's message. The Message-ID is the same for one attempt. */
export const mailOf = (command: DispatchCommand) => {
  const { subject, text, html, attachments, replyTo, unsubscribeUrl } = command.content;
  return {
    from: command.from ?? undefined,
    to: command.to,
    subject: subject ?? "",
    text: text ?? undefined,
    html: html ?? undefined,
    replyTo: replyTo ?? undefined,
    attachments: attachments.map(({ filename, contentType, content, contentId }) => ({
      filename,
      contentType,
      content,
      ...(contentId ? { cid: contentId } : {}),
    })),
    messageId: `<${command.messageId}.${command.attempt}@carillon>`,
    headers: {
      "X-Carillon-Message-ID": command.messageId,
      traceparent: command.traceparent,
      ...(command.tracestate ? { tracestate: command.tracestate } : {}),
      ...listHeaders(unsubscribeUrl),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
};
