import { createTransport } from "nodemailer";
import type { Provider, SendOutcome } from "../../../processors/provider.js";
import { messageOf } from "../../../schemas/errors.js";
import { outcomeOfConnectionError } from "../failure-outcome.js";
import { mailOf } from "./mail-of.js";

export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly requireTls: boolean;
  readonly username: string | null;
  readonly password: string | null;
  readonly connections: number;
  readonly timeoutMs: number;
}

/** What an SMTP reply code means. Source: RFC 5321, 4.2; RFC 3463. */
const outcomeOfReply = (code: number, detail: string): SendOutcome => {
  if (code === 421 || code === 454) return { kind: "temporary_failure", reason: "provider_unavailable", detail };
  if (code === 530 || code === 534 || code === 535 || code === 538)
    return { kind: "temporary_failure", reason: "account_rejected", detail };
  if (code < 500) return { kind: "temporary_failure", reason: "recipient_unavailable", detail };
  if (code === 552 || code === 554) return { kind: "permanent_failure", reason: "content_rejected", detail };
  return { kind: "permanent_failure", reason: "recipient_rejected", detail };
};

/** Up to here the server has no mail yet; after DATA a broken connection leaves it unknown. */
const beforeData = new Set(["CONN", "EHLO", "HELO", "STARTTLS", "MAIL FROM", "RCPT TO"]);

const outcomeOfError = (thrown: unknown): SendOutcome => {
  const { responseCode, code, command } = thrown as { responseCode?: number; code?: string; command?: string };
  if (responseCode) return outcomeOfReply(responseCode, messageOf(thrown));
  if (code === "EAUTH" || code === "ETLS") return { kind: "temporary_failure", reason: "account_rejected", detail: messageOf(thrown) };
  if (command && beforeData.has(command)) return { kind: "temporary_failure", reason: "provider_unavailable", detail: messageOf(thrown) };
  return outcomeOfConnectionError(thrown);
};

/** Any SMTP server, by nodemailer's pool. It reports nothing later, so its acceptance counts as delivery. */
export const createSmtp = (options: SmtpOptions): Provider => {
  const { host, port, secure, requireTls, username, password, connections, timeoutMs } = options;
  const transport = createTransport({
    host,
    port,
    secure,
    requireTLS: requireTls && !secure,
    pool: true,
    maxConnections: connections,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    ...(username && password ? { auth: { user: username, pass: password } } : {}),
  });
  return {
    name: "smtp",
    channel: "email",
    send: async (command) => {
      try {
        const sent = await transport.sendMail(mailOf(command));
        return { kind: "delivered", responseId: sent.messageId, detail: sent.response };
      } catch (error) {
        return outcomeOfError(error);
      }
    },
    check: async () => {
      await transport.verify();
      return `${host}:${port} answers`;
    },
    close: async () => transport.close(),
  };
};
