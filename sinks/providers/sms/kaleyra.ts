import { z } from "zod";
import type { Provider, SendOutcome } from "../../../processors/provider.js";
import { messageOf } from "../../../schemas/errors.js";
import { outcomeOfConnectionError, outcomeOfStatus, retryAfterMsOf } from "../failure-outcome.js";

export interface KaleyraOptions {
  readonly url: string;
  readonly sid: string;
  readonly apiKey: string;
  readonly messageType: "OTP" | "MKT" | "TXN";
  readonly callbackUrl: string | null;
}

/** Source: Kaleyra.io API, Send an SMS. */
const answer = z.object({
  data: z.array(z.object({ message_id: z.string(), recipient: z.string().optional() })).optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  error: z.unknown().optional(),
});

const outcomeOf = (status: number, body: string, retryAfterMs: number | undefined): SendOutcome => {
  const parsed = answer.safeParse(safeJson(body));
  const detail =
    `${status} ${parsed.success ? [parsed.data.code, parsed.data.message].filter(Boolean).join(" ") : body.slice(0, 200)}`.trim();
  if (status < 200 || status > 299) return outcomeOfStatus(status, detail, retryAfterMs);
  const responseId = parsed.success ? parsed.data.data?.[0]?.message_id : undefined;
  if (responseId) return { kind: "accepted", responseId };
  return { kind: "permanent_failure", reason: "recipient_rejected", detail: detail || "accepted without a message id" };
};

const safeJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Kaleyra's SMS API: a POST a message; deliveries are reported to the callback. */
export const createKaleyra = ({ url, sid, apiKey, messageType, callbackUrl }: KaleyraOptions): Provider => {
  const endpoint = `${url.replace(/\/$/, "")}/v1/${encodeURIComponent(sid)}/messages`;
  const call = (method: string, body: string | null, signal: AbortSignal | undefined): Promise<Response> =>
    fetch(endpoint, {
      method,
      body,
      redirect: "error",
      signal: signal ?? null,
      headers: { "api-key": apiKey, accept: "application/json", ...(body ? { "content-type": "application/json" } : {}) },
    });
  return {
    name: "kaleyra",
    channel: "sms",
    send: async (command, { signal, idempotencyToken }) => {
      const body = JSON.stringify({
        to: command.to,
        sender: command.from ?? undefined,
        type: messageType,
        body: command.content.text,
        source: "API",
        ref: idempotencyToken,
        callback: callbackUrl ? { url: callbackUrl } : undefined,
      });
      try {
        const response = await call("POST", body, signal);
        return outcomeOf(response.status, await response.text(), retryAfterMsOf(response.headers.get("retry-after"), Date.now()));
      } catch (error) {
        return outcomeOfConnectionError(error);
      }
    },
    check: async () => {
      const response = await call("GET", null, AbortSignal.timeout(5_000)).catch((error: unknown) => {
        throw new Error(`${endpoint} does not answer: ${messageOf(error)}`, { cause: error });
      });
      if (response.status === 401 || response.status === 403) throw new Error(`Kaleyra refuses the API key (${response.status})`);
      return `Kaleyra answers with ${response.status}`;
    },
    close: async () => undefined,
  };
};
