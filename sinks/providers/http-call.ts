import type { IncomingHttpHeaders } from "node:http";
import { Request } from "undici";
import type { SendContext, SendOutcome } from "../../processors/provider.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import { basicAuthorization } from "../../wire/basic-authorization.js";
import { textInCharset } from "../../wire/charset.js";
import { withoutEncoding } from "../../wire/content-encoding.js";
import type { HttpConnections } from "../../wire/http-connections.js";
import { sendRequest } from "../../wire/http-request.js";
import { parseForeignJson } from "../../wire/parse-json.js";
import { retryAfterMsOf } from "../../wire/retry-after.js";
import { buildRequest } from "./build-request.js";
import { outcomeOfConnectionError, outcomeOfStatus } from "./failure-outcome.js";

export interface HttpCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal | undefined;
  /** Of a tenant's own provider; undefined: those of the process. */
  readonly connections?: HttpConnections | undefined;
  readonly note?: SendContext["note"];
  readonly progress?: SendContext["progress"];
}

export interface HttpAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly text: string;
  /** The body as JSON; undefined if it is not JSON. */
  readonly json: unknown;
  /** The pause that the answer requests. The policy limits it. */
  readonly retryAfterMs: number | undefined;
  /** The host of the redirect target. */
  readonly redirectsTo: string | undefined;
}

/** Most bytes of an answer that are read: more than any documented answer has. */
const mostBytes = 1_048_576;

const readBounded = async (body: AsyncIterable<Buffer>): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > mostBytes) break;
  }
  return Buffer.concat(parts).subarray(0, mostBytes);
};

const one = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header.join(", ") : header);

/** Some servers compress without being asked to. Bytes that are not text become U+FFFD, because the lineage stores the answer. */
const textOfAnswer = (body: Buffer, headers: IncomingHttpHeaders): string =>
  textInCharset(withoutEncoding(body, one(headers["content-encoding"]), mostBytes), one(headers["content-type"])).replace(
    /\p{Cs}/gu,
    "\ufffd",
  );

const hostOf = (location: string | undefined, base: string): string | undefined =>
  location !== undefined && URL.canParse(location, base) ? new URL(location, base).host || undefined : undefined;

/** Converts an account in the URL to a header, as browsers and curl do. */
const withAccount = (call: Pick<HttpCall, "url" | "headers">): Pick<HttpCall, "url" | "headers"> => {
  const url = new URL(call.url);
  if (url.username === "" && url.password === "") return call;
  const authorization = basicAuthorization(decodeURIComponent(url.username), decodeURIComponent(url.password));
  url.username = "";
  url.password = "";
  return { url: url.href, headers: { authorization, ...call.headers } };
};

/** One call of a provider's HTTP API. Follows no redirect, so that keys are not sent elsewhere. Rejects if there is no answer. */
export const callHttp = async (call: Omit<HttpCall, "note" | "progress">, onSending?: () => void): Promise<HttpAnswer> => {
  const { method, signal, connections } = call;
  const { url, headers } = withAccount(call);
  const named = { "user-agent": "carillon", ...headers };
  const response = await sendRequest({
    ...{ url, method, headers: named, body: call.body, signal, connections },
    ...(onSending ? { onSending } : {}),
  });
  const { statusCode: status } = response;
  const body = await readBounded(response.body);
  const text = textOfAnswer(body, response.headers);
  const retryAfterMs = retryAfterMsOf(one(response.headers["retry-after"]), Date.now(), Number.MAX_SAFE_INTEGER);
  const redirectsTo = status >= 300 && status <= 399 ? hostOf(one(response.headers.location), url) : undefined;
  return { status, ok: status >= 200 && status <= 299, text, json: parseForeignJson(text), retryAfterMs, redirectsTo };
};

const checked = (call: HttpCall): HttpCall => {
  const { method, body } = call;
  const { url, headers } = withAccount(call);
  if (!/^https?:/.test(url)) throw new Error(`${new URL(url).protocol} is neither http: nor https:`);
  new Request(url, { method, headers, body }); // throws for anything that HTTP does not allow, before a byte is sent
  return call;
};

/** Whether the client refused the request before it opened a connection. Source: undici, Errors. */
const isUnbuildable = (error: unknown): boolean => {
  const { code } = error as { readonly code?: unknown };
  return code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_NOT_SUPPORTED" || code === "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH";
};

/** Whether the provider does not know the message that a request names, or no longer. */
export const isUnknownMessage = ({ status }: Pick<HttpAnswer, "status">): boolean => status === 404 || status === 410;

/**
 * Sends with one call. `read` classifies an answer, or returns undefined to classify it by status. Rejects UNSENDABLE if no request can be
 * built.
 */
export const sendByHttp = async (
  build: () => HttpCall | Promise<HttpCall>,
  read: (answer: HttpAnswer) => SendOutcome | undefined,
  detailOf: (answer: HttpAnswer) => string = ({ status, text }) => `${status} ${text}`.trim(),
): Promise<SendOutcome> => {
  const call = await buildRequest(async () => checked(await build()));
  const { method, url, headers, body, note, progress } = call;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const request = [`${method} ${url}`, ...lines, ...(body ? ["", body] : [])].join("\n");
  let sending = false;
  progress?.("connecting");
  try {
    const answer = await callHttp(call, () => {
      sending = true;
      progress?.("sending");
    });
    note?.({ request, response: `${answer.status} ${answer.text}` });
    return read(answer) ?? outcomeOfStatus(answer.status, detailOf(answer), answer);
  } catch (error) {
    if (!sending && isUnbuildable(error)) throw new CarillonError("UNSENDABLE", messageOf(error), { cause: error });
    note?.({ request, response: messageOf(error) });
    return outcomeOfConnectionError(error, sending);
  }
};

/** Checks that the API answers and accepts the key, for `carillon doctor`. */
export const checkHttp = async (what: string, call: Omit<HttpCall, "signal">): Promise<string> => {
  const answer = await callHttp({ ...call, signal: AbortSignal.timeout(5_000) }).catch((error: unknown) => {
    throw new Error(`${new URL(call.url).origin} does not answer`, { cause: error });
  });
  if (answer.status === 401 || answer.status === 403) throw new Error(`${what} refuses the credentials (${answer.status})`);
  const redirect = answer.redirectsTo === undefined ? "" : `, a redirect to ${answer.redirectsTo}: redirects are not followed`;
  return `${what} answers with ${answer.status}${redirect}`;
};
