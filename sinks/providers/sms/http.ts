import type { SendOutcome } from "../../../processors/provider.js";
import { ignored, type Reading, receipt } from "../../../processors/reading.js";
import { entryOf } from "../../../schemas/entry-of.js";
import { optional } from "../callback-fields.js";
import { defineProvider, type FailureMeaning } from "../definition.js";
import { httpStatuses } from "../failure-outcome.js";
import { callHttp, checkHttp, type HttpAnswer, isUnknownMessage, sendByHttp } from "../http-call.js";
import { receiptOfWord } from "../receipt-table.js";
import { nodeAt, scalarAt, scalarOf } from "./http/json-path.js";
import { type HttpOptions, httpOptions, problemsOfOptions } from "./http/options.js";
import { receiptsOf, statesOf } from "./http/receipts-of.js";
import { createRequests } from "./http/request-of.js";

const mostOfId = 200;

/** A plain-text answer that can be an id. */
const plainIdOf = (text: string): string | undefined => {
  const id = text.trim();
  return id.length <= mostOfId ? id : undefined;
};

/** An id in an answer: a number or a non-empty text. */
const idAt = (json: unknown, path: string): string | undefined => {
  const found = nodeAt(json, path);
  return typeof found === "boolean" ? undefined : scalarOf(found)?.trim() || undefined;
};

/** The meaning of the provider's own code; undefined if it is not configured. */
const meaningOfCode = (code: string | undefined, errors: Readonly<Record<string, FailureMeaning>>): FailureMeaning | undefined =>
  code === undefined ? undefined : entryOf(errors, code);

const open = (detail: string, missing: string): SendOutcome => ({
  kind: "ambiguous",
  reason: "provider_unavailable",
  detail: `${detail}: there is no ${missing} in the answer`,
});

/** Classifies a 2xx whose code, if any, is not an error. */
const readSuccess = (answer: HttpAnswer, code: string | undefined, detail: string, { answer: how, receipt }: HttpOptions): SendOutcome => {
  const providerMessageId = how.id === null ? plainIdOf(answer.text) : idAt(answer.json, how.id);
  if (receipt) return providerMessageId ? { kind: "accepted", providerMessageId } : open(detail, how.id ?? "id");
  // a gateway's page does not count as success either
  if (how.code && how.okCodes.length > 0 && code === undefined) return open(detail, how.code);
  return { kind: "delivered", providerMessageId: providerMessageId ?? null, detail };
};

const readAnswer = (answer: HttpAnswer, options: HttpOptions): SendOutcome | undefined => {
  const { code: path, okCodes, errors } = options.answer;
  const code = path ? scalarAt(answer.json, path) : undefined;
  const meaning = meaningOfCode(code, errors);
  const detail = `${answer.status} ${code ?? ""} ${answer.text}`.trim();
  if (meaning) return { ...meaning, detail, ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }) };
  if (!answer.ok) return undefined;
  if (code !== undefined && okCodes.length > 0 && !okCodes.includes(code))
    return { kind: "permanent_failure", reason: "content_rejected", detail };
  return readSuccess(answer, code, detail, options);
};

/** Any SMS provider with an HTTP API, described by configuration instead of code. */
export const httpSms = defineProvider({
  type: "http",
  doc: "any SMS provider with an HTTP API, which the configuration describes",
  channels: ["sms"],
  tenantUse: { allowed: true, without: [] },
  options: httpOptions,
  missing: problemsOfOptions,
  errors: [httpStatuses],
  create: async ({ name, channel }, settings, tools) => {
    const connections = tools.connections?.http;
    const requests = createRequests(settings);
    const ask = async (providerMessageId: string, how: NonNullable<HttpOptions["status"]>, signal: AbortSignal): Promise<Reading[]> => {
      const answer = await callHttp({ ...requests.status(providerMessageId), signal, connections });
      if (isUnknownMessage(answer)) return [ignored("unknown_message")];
      if (!answer.ok) throw new Error(`${name} does not report the state of ${providerMessageId}: ${answer.status}`);
      const word = scalarAt(answer.json, how.state);
      const detail = how.detail ? scalarAt(answer.json, how.detail) : undefined;
      // without a state the message is in transit, and is queried again
      return word ? [receipt(receiptOfWord(statesOf(settings), word, { providerMessageId, ...optional({ detail }) }))] : [];
    };
    const { status } = settings;
    return {
      name,
      channel,
      send: (command, { signal, note, progress, idempotencyToken }) =>
        sendByHttp(
          () => ({ ...requests.send(command, idempotencyToken), signal, connections, note, progress }),
          (answer) => readAnswer(answer, settings),
        ),
      ...(status
        ? {
            pull: {
              maxIds: 20,
              fetchReceipts: async (ids: readonly string[], signal: AbortSignal) =>
                (await Promise.all(ids.map((id) => ask(id, status, signal)))).flat(),
            },
          }
        : {}),
      healthCheck: () =>
        checkHttp(name, {
          ...{ url: new URL(settings.url.replace(/\{\{.*?\}\}/g, "")).origin, method: "HEAD", headers: {}, body: null },
          connections,
        }),
      close: async () => undefined,
    };
  },
  callbacks: { expected: ({ receipt }) => receipt !== null, read: receiptsOf },
});
