import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { optionalUrl, secret } from "../../../config/keys.js";
import type { SendOutcome } from "../../../processors/provider.js";
import { ignored, receipt } from "../../../processors/reading.js";
import type { Receipt } from "../../../processors/receipt.js";
import { entryOf } from "../../../schemas/entry-of.js";
import { basicAuthorization } from "../../../wire/basic-authorization.js";
import { optional, recipientsOf, requireField } from "../callback-fields.js";
import { type CallbackRequest, defineProvider } from "../definition.js";
import { httpStatuses } from "../failure-outcome.js";
import { callHttp, checkHttp, type HttpAnswer, isUnknownMessage, sendByHttp } from "../http-call.js";
import { type ReceiptTable, receiptOfWord } from "../receipt-table.js";
import { smsAddressesOf } from "./sms-addresses.js";
import { twilioErrors } from "./twilio/error-codes.js";

const twilioStates: ReceiptTable = {
  source: "Twilio documentation, Messages resource, Message status values; Messaging Insights (delivery_unknown)",
  meanings: {
    scheduled: { event: "accepted" },
    accepted: { event: "accepted" },
    queued: { event: "accepted" },
    sending: { event: "accepted" },
    sent: { event: "accepted" },
    // states of messages that Twilio receives
    receiving: { event: "accepted" },
    received: { event: "accepted" },
    partially_delivered: { event: "permanent_failure", reason: "recipient_unavailable" },
    delivered: { event: "delivered" },
    read: { event: "delivered" },
    undelivered: { event: "permanent_failure", reason: "recipient_unavailable" },
    // not sent, for reasons such as queues and suspensions: without a known code there is no permanent fault
    failed: { event: "temporary_failure", reason: "provider_unavailable" },
    canceled: { event: "permanent_failure", reason: "content_rejected" },
    delivery_unknown: { event: "ambiguous", reason: "outcome_unknown" },
  },
};

/** Source: Twilio documentation, Message resource; errors as { code, message, status }. */
const messageShape = z.object({
  sid: z.string(),
  status: z.string(),
  error_code: z.union([z.string(), z.number()]).nullable().optional(),
  error_message: z.string().nullable().optional(),
  date_updated: z.string().nullable().optional(),
  to: z.string().nullable().optional(),
});
const errorShape = z.object({ code: z.number(), message: z.string() });

const readAnswer = (answer: HttpAnswer): SendOutcome | undefined => {
  if (answer.ok) {
    const parsed = messageShape.safeParse(answer.json);
    if (parsed.success) return { kind: "accepted", providerMessageId: parsed.data.sid };
    return { kind: "ambiguous", reason: "provider_unavailable", detail: `${answer.status} without a message's sid` };
  }
  const failure = errorShape.safeParse(answer.json);
  const meaning = failure.success ? entryOf(twilioErrors.meanings, failure.data.code) : undefined;
  if (!failure.success || !meaning) return undefined;
  const detail = `${answer.status} ${failure.data.code} ${failure.data.message}`;
  const waits = meaning.kind === "throttled" && answer.retryAfterMs !== undefined;
  return { ...meaning, detail, ...(waits ? { retryAfterMs: answer.retryAfterMs } : {}) };
};

type StateOf = Omit<Receipt, "event" | "reason"> & { readonly state: string; readonly code: string | undefined };

const failures: ReadonlySet<string> = new Set(["permanent_failure", "temporary_failure"]);

/** A known code decides the meaning of a failure. In other states a code is a warning. */
const receiptOfState = ({ state, code, ...rest }: StateOf): Receipt => {
  const detail = [code, rest.detail].filter(Boolean).join(" ");
  const receipt = receiptOfWord(twilioStates, state, { ...rest, ...(detail ? { detail } : {}) });
  const meaning = failures.has(receipt.event) && code ? entryOf(twilioErrors.meanings, code) : undefined;
  return meaning ? { ...receipt, event: meaning.kind, reason: meaning.reason } : receipt;
};

/** Source: Twilio documentation, Webhooks Security: HMAC-SHA1 over the URL and the sorted form fields, in base64. */
export const twilioSignature = ({ url, form }: Pick<CallbackRequest, "url" | "form">, authToken: string): string => {
  const posted = Object.entries(form).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHmac("sha1", authToken)
    .update(url + posted.map(([name, value]) => name + value).join(""))
    .digest("base64");
};

/**
 * The variants of a URL that Twilio may have signed: with or without its account and port, with or without the default port, never with its
 * fragment. Source: Twilio documentation, Webhooks Security; Twilio's own libraries try them, too.
 */
const signedForms = (url: string): readonly string[] => {
  const [, scheme, account = "", host, port = "", rest] = /^(https?:\/\/)([^/?#@]*@)?(\[[^\]]*\]|[^/:?#]*)(:\d+)?([^#]*)/.exec(url) ?? [];
  if (scheme === undefined) return [url];
  const ports = [port, "", scheme === "https://" ? ":443" : ":80"];
  return [...new Set([account, ""].flatMap((named) => ports.map((one) => `${scheme}${named}${host}${one}${rest}`)))];
};

const isEqual = (given: string, wanted: string): boolean =>
  given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));

const hasMoreFields = (url: string, signed: string): boolean => {
  const fields = new Set([...new URL(signed).searchParams].map((pair) => pair.join("=")));
  return [...new URL(url).searchParams].some((pair) => !fields.has(pair.join("=")));
};

/** Twilio's SMS API. */
export const twilio = defineProvider({
  type: "twilio",
  doc: "Twilio's SMS API",
  channels: ["sms"],
  tenantUse: { allowed: true, without: [] },
  options: z.strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .default("https://api.twilio.com")
      .describe("base URL of the API"),
    accountSid: z.string().nullable().default(null).describe("SID of the account"),
    authToken: secret.nullable().default(null).describe("token of the account, which also signs callbacks"),
    messagingServiceSid: z
      .string()
      .nullable()
      .default(null)
      .describe("messaging service that chooses the sender; null: the message's sender"),
    callbackUrl: optionalUrl(/^https$/, "URL for receipts: /v1/callbacks/<name> as seen from outside"),
  }),
  missing: ({ accountSid, authToken }) => [
    ...(accountSid ? [] : ["accountSid: the twilio provider needs it"]),
    ...(authToken ? [] : ["authToken: the twilio provider needs it"]),
  ],
  states: twilioStates,
  errors: [twilioErrors, httpStatuses],
  create: async ({ name, channel }, { url, accountSid, authToken, messagingServiceSid, callbackUrl }, tools) => {
    const connections = tools.connections?.http;
    const account = `${url.replace(/\/$/, "")}/2010-04-01/Accounts/${encodeURIComponent(accountSid ?? "")}`;
    const headers = { authorization: basicAuthorization(accountSid ?? "", authToken ?? ""), accept: "application/json" };
    const get = (path: string, signal: AbortSignal) =>
      callHttp({ url: `${account}${path}`, method: "GET", headers, body: null, signal, connections });
    return {
      name,
      channel,
      send: (command, { signal, note, progress }) => {
        const build = () => {
          const { to, from } = smsAddressesOf(command);
          const form = new URLSearchParams({ To: to, Body: command.content.text ?? "" });
          if (messagingServiceSid) form.set("MessagingServiceSid", messagingServiceSid);
          else if (from) form.set("From", from);
          if (callbackUrl) form.set("StatusCallback", callbackUrl);
          return {
            url: `${account}/Messages.json`,
            method: "POST",
            headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
            body: form.toString(),
            signal,
            connections,
            note,
            progress,
          };
        };
        return sendByHttp(build, readAnswer);
      },
      pull: {
        // the API returns one message per request
        maxIds: 20,
        fetchReceipts: (providerMessageIds, signal) =>
          Promise.all(
            providerMessageIds.map(async (providerMessageId) => {
              const answer = await get(`/Messages/${encodeURIComponent(providerMessageId)}.json`, signal);
              if (isUnknownMessage(answer)) return ignored("unknown_message");
              if (!answer.ok) throw new Error(`Twilio does not report the state of ${providerMessageId}: ${answer.status}`);
              const { status, error_code, error_message, date_updated, to } = messageShape.parse(answer.json);
              const code = error_code?.toString();
              const texts = optional({ detail: error_message, statedAt: date_updated });
              return receipt(receiptOfState({ state: status, code, providerMessageId, ...texts, ...recipientsOf(to) }));
            }),
          ),
      },
      healthCheck: () => checkHttp("Twilio", { url: `${account}.json`, method: "GET", headers, body: null, connections }),
      close: async () => undefined,
    };
  },
  callbacks: {
    verify: (request, { authToken, callbackUrl }) => {
      // the signature covers the URL that Twilio was given, without fields added to its query
      if (callbackUrl && hasMoreFields(request.url, callbackUrl)) return "the query has fields that callbackUrl does not have";
      const given = request.headers["x-twilio-signature"];
      const forms = signedForms(callbackUrl ?? request.url).map((url) => twilioSignature({ ...request, url }, authToken ?? ""));
      return typeof given === "string" && forms.some((wanted) => isEqual(given, wanted))
        ? undefined
        : "X-Twilio-Signature does not fit the address and the fields";
    },
    read: ({ fields }) => {
      const providerMessageId = requireField(fields, "MessageSid", "SmsSid");
      const state = requireField(fields, "MessageStatus", "SmsStatus");
      return [receipt(receiptOfState({ state, code: fields.ErrorCode, providerMessageId, ...recipientsOf(fields.To) }))];
    },
  },
});
