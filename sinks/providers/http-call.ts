import type { SendContext, SendOutcome } from "../../processors/provider.js";
import { messageOf } from "../../schemas/errors.js";
import { parseJson } from "../../schemas/parse-json.js";
import { outcomeOfConnectionError, outcomeOfStatus, retryAfterMsOf } from "./failure-outcome.js";

export interface HttpCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal | undefined;
  readonly note?: SendContext["note"];
}

export interface HttpAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
  readonly retryAfterMs: number | undefined;
}

/** Longest part of an answer that is read: more than any documented one. */
const mostBytes = 1_048_576;

const readBounded = async (response: Response): Promise<string> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    parts.push(Buffer.from(part));
    size += part.length;
    if (size > mostBytes) break;
  }
  return Buffer.concat(parts).subarray(0, mostBytes).toString();
};

/** One call of a provider's HTTP API. Follows no redirect: keys go nowhere else. Rejects when there is no answer. */
export const callHttp = async ({ url, method, headers, body, signal }: HttpCall): Promise<HttpAnswer> => {
  const response = await fetch(url, { method, headers, body, redirect: "error", signal: signal ?? null });
  const text = await readBounded(response);
  const retryAfterMs = retryAfterMsOf(response.headers.get("retry-after"), Date.now());
  return { status: response.status, ok: response.ok, text, json: parseJson(text), retryAfterMs };
};

/** Sends by one call: `read` says what an answer means, or leaves it to its status. */
export const sendByHttp = async (
  call: HttpCall,
  read: (answer: HttpAnswer) => SendOutcome | undefined,
  detailOf: (answer: HttpAnswer) => string = ({ status, text }) => `${status} ${text.slice(0, 200)}`.trim(),
): Promise<SendOutcome> => {
  const { method, url, headers, body, note } = call;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const said = [`${method} ${url}`, ...lines, ...(body ? ["", body] : [])].join("\n");
  try {
    const answer = await callHttp(call);
    note?.({ said, answered: `${answer.status} ${answer.text}` });
    return read(answer) ?? outcomeOfStatus(answer.status, detailOf(answer), answer.retryAfterMs);
  } catch (error) {
    note?.({ said, answered: messageOf(error) });
    return outcomeOfConnectionError(error);
  }
};

/** Whether the API answers and takes the key, for `carillon doctor`. */
export const checkHttp = async (what: string, call: Omit<HttpCall, "signal">): Promise<string> => {
  const answer = await callHttp({ ...call, signal: AbortSignal.timeout(5_000) }).catch((error: unknown) => {
    throw new Error(`${new URL(call.url).origin} does not answer: ${messageOf(error)}`, { cause: error });
  });
  if (answer.status === 401 || answer.status === 403) throw new Error(`${what} refuses the credentials (${answer.status})`);
  return `${what} answers with ${answer.status}`;
};
