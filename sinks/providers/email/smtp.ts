import type { Socket } from "node:net";
import type { SendMailOptions } from "nodemailer";
import type { SMTPTransportGetSocket } from "nodemailer/lib/smtp-transport/index.js";
import { z } from "zod";
import { count, hostOrIp, oneLine, optionalDomain, optionalUrl, pemKey, secret } from "../../../config/keys.js";
import type { SendOutcome } from "../../../processors/provider.js";
import { CarillonError, messageOf } from "../../../schemas/errors.js";
import { longestDeadlineMs } from "../../../stores/start-deadline.js";
import { buildRequest } from "../build-request.js";
import { defineProvider } from "../definition.js";
import { outcomeOfConnectionError } from "../failure-outcome.js";
import { addressesOf, mailOf, notTaken } from "./mail-of.js";
import { noteSending } from "./note-sending.js";
import { meaningOfReply, smtpReplies } from "./smtp-replies.js";
import { createSmtpUtf8Check } from "./smtp-utf8.js";

/** Commands before the mail's data, as nodemailer names them in errors. */
const beforeData = new Set(["CONN", "EHLO", "HELO", "STARTTLS", "MAIL FROM", "RCPT TO"]);

/** Errors that nodemailer raises about the mail itself, without a reply from the server. Source: nodemailer, errors. */
const ofTheMail = new Set(["EENVELOPE", "EMESSAGE", "ESTREAM", "EFILEACCESS", "EURLACCESS", "EMAXRECIPIENTS"]);

interface SmtpError {
  readonly responseCode?: number;
  readonly response?: string;
  readonly code?: string;
  /** The command that the server answered, or the last one before the error. */
  readonly command?: string;
}

/** `sending`: whether a byte of the mail itself was sent. */
const outcomeOfError = (thrown: unknown, sending: boolean): SendOutcome => {
  const { responseCode, response = "", code = "", command = "" } = thrown as SmtpError;
  const detail = messageOf(thrown);
  const meaning = responseCode ? meaningOfReply(responseCode, command, response) : undefined;
  if (meaning) return { ...meaning, detail };
  // the server may have accepted the mail and its reply been lost. Source: RFC 1047
  if (sending) return { kind: "ambiguous", reason: "provider_unavailable", detail };
  if (responseCode === undefined && ofTheMail.has(code))
    throw new CarillonError("UNSENDABLE", `the mail could not be built: ${detail}`, { cause: thrown });
  if (["EAUTH", "ENOAUTH", "EOAUTH2", "ECONFIG"].includes(code)) return { kind: "temporary_failure", reason: "account_rejected", detail };
  if (code === "ETLS" || code === "EREQUIRETLS") return { kind: "temporary_failure", reason: "provider_unavailable", detail };
  if (beforeData.has(command) || command.startsWith("AUTH")) return { kind: "temporary_failure", reason: "provider_unavailable", detail };
  return outcomeOfConnectionError(thrown);
};

const connectShare = 0.8;

/** Gives nodemailer open connections, so that it connects to no address itself. */
const getSocketFrom =
  (open: () => Promise<Socket>): SMTPTransportGetSocket =>
  (_options, callback) => {
    open().then(
      (connection) => callback(null, { connection }),
      (error: Error) => callback(error, false),
    );
  };

/** nodemailer's default list, plus the header that RFC 8058 (4) requires to be signed. */
const signedHeaders =
  "From:Sender:Reply-To:Subject:Date:Message-ID:To:Cc:MIME-Version:Content-Type:Content-Transfer-Encoding:Content-ID:" +
  "Content-Description:List-Id:List-Unsubscribe:List-Unsubscribe-Post:List-Help:List-Owner:List-Archive";

/** Any SMTP server, through nodemailer's pool. SMTP has no receipts, so acceptance counts as delivery. */
export const smtp = defineProvider({
  type: "smtp",
  doc: "any SMTP server, whose acceptance counts as delivery",
  channels: ["email"],
  tenantUse: { allowed: true, without: ["proxy"], required: ["host"] },
  options: z.strictObject({
    host: hostOrIp.default("localhost").describe("host of the mail server"),
    port: z.number().int().min(1).max(65_535).default(587).describe("port of the mail server"),
    secure: z.boolean().default(false).describe("TLS from the first byte; otherwise STARTTLS if the server offers it"),
    requireTls: z.boolean().default(true).describe("whether to send only with TLS"),
    username: z.string().nullable().default(null).describe("account"),
    password: secret.nullable().default(null).describe("password of the account"),
    connections: count("maximum number of connections", 5),
    ehloName: optionalDomain("name that Carillon sends in EHLO; null: the domain of channels.email.from, otherwise the machine's name"),
    messageIdDomain: optionalDomain("domain of the Message-ID; null: the sender's domain"),
    proxy: optionalUrl(/^https?$/, "HTTP proxy that connects to the mail server by CONNECT; HTTPS_PROXY does not apply to mail"),
    dkim: z
      .strictObject({
        domain: oneLine.min(1).describe("domain that signs the mail"),
        selector: oneLine.min(1).describe("name of the key in the domain's DNS"),
        privateKey: pemKey.meta({ secret: true }).describe("private key in PEM"),
      })
      .nullable()
      .default(null)
      .describe("DKIM signature of each mail (RFC 6376); null: none"),
  }),
  missing: ({ username, password }) =>
    (username === null) === (password === null)
      ? []
      : [`${username === null ? "username" : "password"}: is missing: give username and password together, or neither`],
  errors: smtpReplies,
  create: async ({ name: own, channel }, options, { sendTimeoutMs, senderDomain, clock, connections: guarded }) => {
    const { createTransport } = await import("nodemailer");
    const { host, port, secure, requireTls, username, password, connections, ehloName, messageIdDomain, proxy, dkim } = options;
    const ehlo = ehloName ?? senderDomain(channel);
    const server = {
      host,
      port,
      secure,
      requireTLS: requireTls && !secure,
      ...(ehlo ? { name: ehlo } : {}),
      // shorter than the call's deadline, so that an unreachable server is a failure before sending and not an ambiguous timeout
      connectionTimeout: Math.ceil(sendTimeoutMs * connectShare),
      greetingTimeout: Math.ceil(sendTimeoutMs * connectShare),
      // the deadline of the call ends it and closes its connection; nodemailer's own timer does not know of stalls of this process
      socketTimeout: longestDeadlineMs(sendTimeoutMs),
    };
    const openSocket =
      guarded &&
      (() => guarded.socketTo({ host, port, plain: !secure && !requireTls, timeoutMs: Math.ceil(sendTimeoutMs * connectShare) }));
    const offersUtf8 = createSmtpUtf8Check(server, clock, openSocket);
    const transport = createTransport({
      ...server,
      pool: true,
      maxConnections: connections,
      ...(proxy ? { proxy } : {}),
      ...(openSocket ? { getSocket: getSocketFrom(openSocket) } : {}),
      ...(username && password ? { auth: { user: username, pass: password } } : {}),
      ...(dkim
        ? { dkim: { domainName: dkim.domain, keySelector: dkim.selector, privateKey: dkim.privateKey, headerFieldNames: signedHeaders } }
        : {}),
    });
    noteSending(transport);
    return {
      name: own,
      channel,
      maxConcurrency: connections,
      send: async (command, { note, signal, progress }) => {
        const request = `SMTP to ${host}:${port}: MAIL FROM ${command.from ?? "<>"}, RCPT TO ${command.to}`;
        const { international } = await buildRequest(() => addressesOf(command));
        const mail = await buildRequest(() => mailOf(command, messageIdDomain));
        let sending = false;
        const onSending = (): void => {
          sending = true;
          progress?.("sending");
        };
        progress?.("connecting");
        try {
          if (international && (proxy || !(await offersUtf8()))) {
            return notTaken(`${host} does not offer SMTPUTF8, which characters beyond ASCII before the @ need (RFC 6531)`);
          }
          const sent = await transport.sendMail({ ...mail, onSending, ...(signal ? { signal } : {}) } as SendMailOptions);
          note?.({ request, response: sent.response });
          return { kind: "delivered", providerMessageId: sent.messageId, detail: sent.response };
        } catch (error) {
          const { command: at, response } = error as { command?: string; response?: string };
          note?.({ request, response: `${at ? `at ${at}: ` : ""}${response ?? messageOf(error)}` });
          return outcomeOfError(error, sending);
        }
      },
      healthCheck: async () => {
        await transport.verify();
        return `${host}:${port} answers`;
      },
      close: async () => transport.close(),
    };
  },
});
