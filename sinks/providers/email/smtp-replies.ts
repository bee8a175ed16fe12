import type { ErrorTable, FailureMeaning } from "../definition.js";
import { meaningOf } from "../failure-outcome.js";

const source = "RFC 5321, 4.2 and 4.5.3.1; RFC 4954, 6; RFC 3463";

const ofTheServer: FailureMeaning = { kind: "temporary_failure", reason: "provider_unavailable" };
const ofTheAccount: FailureMeaning = { kind: "temporary_failure", reason: "account_rejected" };

/** Replies with the same meaning for every command: the server is closing, or requires an account. */
const anywhere: ErrorTable["meanings"] = {
  421: ofTheServer,
  454: ofTheServer,
  530: ofTheAccount,
  534: ofTheAccount,
  535: ofTheAccount,
  538: ofTheAccount,
};

/** Replies to the connection, EHLO and STARTTLS: no mail was named yet, so no reply can be about one. */
const toTheSession: ErrorTable = {
  of: "SMTP reply before MAIL FROM",
  source,
  meanings: { ...anywhere, "4xx": ofTheServer, "5xx": ofTheServer },
};

const toAuth: ErrorTable = { of: "SMTP reply to AUTH", source, meanings: { ...anywhere, "4xx": ofTheServer, "5xx": ofTheAccount } };

const toMailFrom: ErrorTable = {
  of: "SMTP reply to MAIL FROM",
  source,
  meanings: {
    ...anywhere,
    "4xx": ofTheServer,
    552: { kind: "permanent_failure", reason: "content_rejected" },
    "5xx": { kind: "permanent_failure", reason: "sender_rejected" },
  },
};

const toRcptTo: ErrorTable = {
  of: "SMTP reply to RCPT TO",
  source,
  meanings: {
    ...anywhere,
    "4xx": { kind: "temporary_failure", reason: "recipient_unavailable" },
    552: { kind: "temporary_failure", reason: "recipient_unavailable" },
    "5xx": { kind: "permanent_failure", reason: "recipient_rejected" },
  },
};

const toData: ErrorTable = {
  of: "SMTP reply to DATA",
  source,
  meanings: {
    ...anywhere,
    "4xx": { kind: "temporary_failure", reason: "recipient_unavailable" },
    "5xx": { kind: "permanent_failure", reason: "content_rejected" },
  },
};

export const smtpReplies: readonly ErrorTable[] = [toTheSession, toAuth, toMailFrom, toRcptTo, toData];

const tableOf = (command: string): ErrorTable => {
  if (command.startsWith("AUTH")) return toAuth;
  if (command === "MAIL FROM") return toMailFrom;
  if (command === "RCPT TO") return toRcptTo;
  return command === "DATA" ? toData : toTheSession;
};

/** Some servers check the recipient only after DATA and then reply "554 5.1.1 no such user". Source: RFC 3463, 3.2 and 3.3. */
const aboutTheRecipient = /^5\d\d[ -]5\.(?:1\.[1236]|1\.10|2\.1)\b/;

/** The meaning of a reply, which depends on the command that it answers. Undefined if the reply is not a refusal. */
export const meaningOfReply = (code: number, command: string, reply: string): FailureMeaning | undefined =>
  command === "DATA" && aboutTheRecipient.test(reply) ? meaningOf(toRcptTo, String(code)) : meaningOf(tableOf(command), String(code));
