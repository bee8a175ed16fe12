import type { DispatchCommand } from "../../../schemas/generated.js";

/** A command as nodemailer's message. The Message-ID is the same for one attempt. */
export const mailOf = (command: DispatchCommand) => ({
  from: command.from ?? undefined,
  to: command.to,
  subject: command.content.subject ?? "",
  text: command.content.text ?? undefined,
  html: command.content.html ?? undefined,
  messageId: `<${command.messageId}.${command.attempt}@carillon>`,
  headers: { "X-Carillon-Message-ID": command.messageId, traceparent: command.traceparent },
  disableFileAccess: true,
  disableUrlAccess: true,
});
