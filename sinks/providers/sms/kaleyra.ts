import { z } from "zod";
import { optionalUrl, secret } from "../../../config/keys.js";
import type { SendOutcome } from "../../../processors/provider.js";
import { readingOf, receipt } from "../../../processors/reading.js";
import { CarillonError } from "../../../schemas/errors.js";
import { fieldsOf, mostCharacters, optional, recipientsOf, requireField } from "../callback-fields.js";
import { defineProvider } from "../definition.js";
import { httpStatuses } from "../failure-outcome.js";
import { callHttp, checkHttp, type HttpAnswer, sendByHttp } from "../http-call.js";
import { kaleyraReceipt, kaleyraStates } from "./kaleyra/states.js";
import { smsAddressesOf } from "./sms-addresses.js";

/** Ids are texts; a number is equivalent. */
const idShape = z.union([z.string(), z.number()]).transform(String).pipe(z.string().trim().min(1).max(mostCharacters));

/** Source: Kaleyra.io API, Send an SMS. */
const answerShape = z.object({
  data: z.array(z.object({ message_id: idShape })).optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  error: z.unknown().optional(),
});

const wordShape = z.string().min(1).max(mostCharacters);

/** Source: Kaleyra.io API, SMS Status API. Its example has the message id in campaign_id. */
const statusShape = z.object({ data: z.array(z.unknown()) });
const statusEntry = z.object({
  message_id: idShape.optional(),
  campaign_id: idShape.optional(),
  status: wordShape,
  status_details: wordShape.nullable().optional().catch(undefined),
  recipient: z.string().optional(),
  dlr_timestamp: z.string().optional(),
  error: z.string().optional(),
});

const detailOf = ({ status, text, json }: HttpAnswer): string => {
  const parsed = answerShape.safeParse(json);
  return `${status} ${parsed.success ? [parsed.data.code, parsed.data.message].filter(Boolean).join(" ") : text}`.trim();
};

const readAnswer = (answer: HttpAnswer): SendOutcome | undefined => {
  if (!answer.ok) return undefined;
  const parsed = answerShape.safeParse(answer.json);
  const providerMessageId = parsed.data?.data?.[0]?.message_id;
  if (providerMessageId) return { kind: "accepted", providerMessageId };
  // only Kaleyra's own answer refuses a recipient: after a gateway's page the outcome is unknown
  const { data, code, message, error } = parsed.data ?? {};
  if (!(data ?? code ?? message ?? error))
    return {
      kind: "ambiguous",
      reason: "provider_unavailable",
      detail: `${answer.status} ${answer.text}: there is no message_id in the answer`,
    };
  return { kind: "permanent_failure", reason: "recipient_rejected", detail: detailOf(answer) || "accepted without a message id" };
};

/** Kaleyra's SMS API: one POST per message. Kaleyra reports deliveries to the callback, and they can be queried. */
export const kaleyra = defineProvider({
  type: "kaleyra",
  doc: "Kaleyra's SMS API",
  channels: ["sms"],
  tenantUse: { allowed: true, without: [] },
  options: z.strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .default("https://api.kaleyra.io")
      .describe("base URL of the API"),
    sid: z.string().nullable().default(null).describe("SID of the account"),
    apiKey: secret.nullable().default(null).describe("API key"),
    messageType: z.enum(["OTP", "MKT", "TXN"]).default("TXN").describe("type of SMS"),
    callbackUrl: optionalUrl(/^https$/, "URL for receipts: /v1/callbacks/<name> as seen from outside"),
  }),
  missing: ({ sid, apiKey }) => [
    ...(sid ? [] : ["sid: the kaleyra provider needs it"]),
    ...(apiKey ? [] : ["apiKey: the kaleyra provider needs it"]),
  ],
  states: kaleyraStates,
  errors: [httpStatuses],
  create: async ({ name, channel }, { url, sid, apiKey, messageType, callbackUrl }, tools) => {
    const connections = tools.connections?.http;
    const endpoint = `${url.replace(/\/$/, "")}/v1/${encodeURIComponent(sid ?? "")}/messages`;
    const headers = { "api-key": apiKey ?? "", accept: "application/json" };
    return {
      name,
      channel,
      send: (command, { signal, note, progress, idempotencyToken }) => {
        const build = () => {
          const { to, from } = smsAddressesOf(command);
          const body = JSON.stringify({
            to,
            sender: from ?? undefined,
            type: messageType,
            body: command.content.text,
            source: "API",
            ref: idempotencyToken,
            callback: callbackUrl ? { url: callbackUrl } : undefined,
          });
          const sent = { ...headers, "content-type": "application/json" };
          return { url: endpoint, method: "POST", headers: sent, body, signal, connections, note, progress };
        };
        return sendByHttp(build, readAnswer, detailOf);
      },
      pull: {
        maxIds: 100,
        fetchReceipts: async (providerMessageIds, signal) => {
          const question = `${endpoint}/status?message_ids=${providerMessageIds.map(encodeURIComponent).join(",")}`;
          const answer = await callHttp({ url: question, method: "GET", headers, body: null, signal, connections });
          if (!answer.ok) throw new Error(`Kaleyra does not report the state of messages: ${detailOf(answer)}`);
          return statusShape.parse(answer.json).data.map((entry) =>
            readingOf(() => {
              const parsed = statusEntry.safeParse(entry);
              const providerMessageId = parsed.data?.message_id ?? parsed.data?.campaign_id;
              if (!parsed.success || !providerMessageId)
                throw new CarillonError("CALLBACK_REFUSED", "an entry of the answer is not what Kaleyra documents");
              const { status, status_details: trace, dlr_timestamp: statedAt, error: detail, recipient } = parsed.data;
              return kaleyraReceipt(status, trace ?? undefined, {
                providerMessageId,
                ...optional({ detail, statedAt }),
                ...recipientsOf(recipient),
              });
            }),
          );
        },
      },
      healthCheck: () => checkHttp("Kaleyra", { url: endpoint, method: "GET", headers, body: null, connections }),
      close: async () => undefined,
    };
  },
  callbacks: {
    read: (request) => {
      const fields = fieldsOf(request);
      const providerMessageId = requireField(fields, "id", "message_id");
      const detail = fields.error_code ?? fields.error ?? fields.description;
      const statedAt = fields.delivered_at ?? fields.dlr_timestamp;
      const status = requireField(fields, "status");
      const trace = fields.status_trace?.slice(0, mostCharacters) || undefined;
      return [
        receipt(
          kaleyraReceipt(status, trace, {
            providerMessageId,
            ...optional({ detail, statedAt }),
            ...recipientsOf(fields.recipient ?? fields.mobile),
          }),
        ),
      ];
    },
  },
});
