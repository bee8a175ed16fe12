import type { lookup as lookUp } from "node:dns";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { AddressUse } from "./address-guard.js";
import { createGuardedWays, requestOver } from "./guarded-ways.js";

export interface PostAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The host of the redirect target. */
  readonly redirectsTo?: string;
}

export interface Poster {
  /** Posts JSON and resolves with the answer's status. Ignores the body. Rejects if there is no answer. */
  post(url: string, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<PostAnswer>;
  close(): void;
}

/** Bounds on reading an unused answer, in bytes and milliseconds. */
const mostDrained = 65_536;
const drainTimeoutMs = 2_000;

const hostOf = (location: string | undefined, base: URL): string | undefined =>
  location !== undefined && URL.canParse(location, base.href) ? new URL(location, base.href).host || undefined : undefined;

/**
 * Reads the rest of an answer, so that the next call can reuse its connection. If the rest is long or slow, the connection is closed
 * instead.
 */
const drain = (response: IncomingMessage): void => {
  let size = 0;
  const late = AbortSignal.timeout(drainTimeoutMs);
  const cut = (): void => void response.destroy();
  late.addEventListener("abort", cut, { once: true });
  response.on("data", (bytes: Buffer) => {
    size += bytes.length;
    if (size > mostDrained) cut();
  });
  response.on("error", () => undefined);
  response.on("close", () => late.removeEventListener("abort", cut));
};

const answerOf = ({ statusCode: status = 0, headers }: IncomingMessage, url: URL): PostAnswer => {
  const redirectsTo = status >= 300 && status <= 399 ? hostOf(headers.location, url) : undefined;
  return { status, retryAfter: headers["retry-after"] ?? null, ...(redirectsTo === undefined ? {} : { redirectsTo }) };
};

/** One call. It settles once the signal aborts, whatever the receiver or a proxy does. */
const exchange = (call: ClientRequest, url: URL, body: string, signal: AbortSignal): Promise<PostAnswer> => {
  let onAbort: () => void = () => undefined;
  const settled = new Promise<PostAnswer>((resolve, reject) => {
    // a request that still waits for its connection ignores the signal
    onAbort = () => {
      reject(new Error("the call was aborted", { cause: signal.reason }));
      call.destroy();
    };
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    call.on("response", (response) => {
      drain(response);
      resolve(answerOf(response, url));
    });
    call.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(answerOf(response, url));
    });
    call.on("error", reject);
    call.on("close", () => reject(new Error("the connection was closed before a response arrived")));
    call.end(body);
  });
  return settled.finally(() => signal.removeEventListener("abort", onAbort));
};

/**
 * Posts to addresses that tenants configure: public ones with https, allowed ranges also with http, and never a cloud's metadata service,
 * whatever their names resolve to. Follows no redirect. `allowed`: private ranges (CIDR) that may be called.
 */
export const createPoster = (allowed: readonly string[], resolve?: typeof lookUp, use?: AddressUse): Poster => {
  const ways = createGuardedWays(allowed, resolve, use);
  return {
    post: async (address, headers, body, signal) => {
      const url = new URL(address);
      const way = await ways.to(url);
      const all = { ...headers, host: url.host, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      return exchange(requestOver(url, { method: "POST", headers: all, ...way }), url, body, signal);
    },
    close: ways.close,
  };
};
