import { CarillonError, messageOf } from "../schemas/errors.js";
import { textOf } from "../wire/decode-body.js";
import { retryAfterMsOf } from "../wire/retry-after.js";
import { onAbort } from "./abort.js";

/** A request that is repeated until it is answered. */
export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** When the last try must have ended, in milliseconds since 1970 UTC. */
  readonly endMs: number;
  /** Maximum time for one try. */
  readonly requestTimeoutMs: number;
  /** The tries end when one of them aborts. */
  readonly signals: readonly AbortSignal[];
}

export interface HttpAnswer {
  readonly status: number;
  /** Parsed JSON; undefined if the body is not JSON, or too large. */
  readonly body: unknown;
  /** Whether the body has more than `mostBodyBytes`. */
  readonly isTooLarge: boolean;
  /** The target of a redirect. */
  readonly location: string | null;
}

/** A failed try that may succeed when repeated. */
interface FailedTry {
  readonly failure: string;
  readonly cause?: unknown;
  readonly isBusy: boolean;
  readonly retryAfterMs: number | undefined;
}

/** Statuses of temporary failures. Any other answer is final. */
const retriedStatuses: readonly number[] = [408, 429, 502, 503, 504];

/** 409 with Retry-After: an earlier try with the idempotency key is not answered yet. */
const isRetried = ({ status, headers }: Response): boolean =>
  retriedStatuses.includes(status) || (status === 409 && headers.has("retry-after"));

const [firstPauseMs, longestPauseMs] = [100, 5_000];
/** Spreads the retries of clients that received the same Retry-After. */
const spreadMs = 250;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const detailOf = (body: unknown): string => {
  const detail = typeof body === "object" && body !== null && "detail" in body ? body.detail : undefined;
  return typeof detail === "string" ? `: ${detail}` : "";
};

/** Carillon's answers are far smaller. An endless body must not fill the memory. */
export const mostBodyBytes = 1_048_576;

/** The body; undefined if it is too large. The rest is not read. */
const readBody = async (response: Response): Promise<string | undefined> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > mostBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return textOf(Buffer.concat(chunks));
};

/** One request, which ends by its timeout or with a signal. */
const fetchWithin = async ({ url, headers, body, signals }: Post, timeoutMs: number) => {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error("no answer in time")), timeoutMs);
  const release = onAbort(signals, (reason) => controller.abort(reason));
  try {
    // credentials do not follow a redirect to another host
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: controller.signal });
    return { response, text: await readBody(response) };
  } finally {
    clearTimeout(timer);
    release();
  }
};

const tryOnce = async (post: Post, timeoutMs: number): Promise<HttpAnswer | FailedTry> => {
  try {
    const { response, text } = await fetchWithin(post, timeoutMs);
    const { status, headers } = response;
    const body = text === undefined ? undefined : parsed(text);
    if (!isRetried(response)) return { status, body, isTooLarge: text === undefined, location: headers.get("location") };
    const retryAfterMs = retryAfterMsOf(headers.get("retry-after"), Date.now(), Number.MAX_SAFE_INTEGER);
    return { failure: `it answered ${status}${detailOf(body)}`, isBusy: status === 429 || status === 409, retryAfterMs };
  } catch (cause) {
    return { failure: messageOf(cause), cause, isBusy: false, retryAfterMs: undefined };
  }
};

/** A random time up to a limit that doubles with each try, so that clients do not retry in step. */
const pauseMs = (tries: number, { retryAfterMs }: FailedTry): number =>
  retryAfterMs === undefined
    ? Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(tries, 10))
    : retryAfterMs + Math.random() * spreadMs;

const pause = (ms: number, signals: readonly AbortSignal[]): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      release();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const release = onAbort(signals, end);
  });

const gaveUp = ({ url }: Post, { failure, cause, isBusy }: FailedTry, tries: number, tookMs: number): CarillonError =>
  new CarillonError(
    isBusy ? "BUSY" : "UNAVAILABLE",
    `Carillon at ${url.origin} did not accept the message in ${tries} ${tries === 1 ? "try" : "tries"} within ${(tookMs / 1_000).toFixed(1)} s: ${failure}`,
    { cause },
  );

/**
 * Repeats the request until it has a final answer. It retries failed connections, answers of 408, 429, 502, 503 and 504, and of 409 with
 * Retry-After, after the time in it. Rejects BUSY or UNAVAILABLE once the next try would begin after the deadline.
 */
export const postUntilAnswered = async (post: Post): Promise<HttpAnswer> => {
  const { endMs } = post;
  const beginMs = Date.now();
  for (let tries = 1; ; tries += 1) {
    const tried = await tryOnce(post, Math.max(1, Math.min(post.requestTimeoutMs, endMs - Date.now())));
    if ("status" in tried) return tried;
    const waitMs = pauseMs(tries, tried);
    if (post.signals.some(({ aborted }) => aborted) || Date.now() + waitMs >= endMs) throw gaveUp(post, tried, tries, Date.now() - beginMs);
    await pause(waitMs, post.signals);
  }
};
