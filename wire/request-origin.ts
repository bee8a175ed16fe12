import type { IncomingHttpHeaders } from "node:http";

/** The parts of a request that show where it came from. */
export interface RequestOrigin {
  readonly headers: IncomingHttpHeaders;
  /** Address of the peer of the connection itself, whatever a header claims. */
  readonly peer: string;
  /** HTTP version, such as 1.1. */
  readonly httpVersion: string;
  /** Name that the client addressed; a trusted proxy may have reported it. */
  readonly host: string;
}

/** Headers that proxies add. Sources: RFC 9110 (Via), RFC 7239 (Forwarded), the documentation of nginx, Envoy, Cloudflare, Akamai, Fastly, Fly and Azure. */
const forwardingHeaders = new Set([
  "forwarded",
  "via",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-remote-ip",
  "x-remote-addr",
  "x-originating-ip",
  "x-envoy-external-address",
  "x-azure-clientip",
  "true-client-ip",
  "cf-connecting-ip",
  "cf-ray",
  "fastly-client-ip",
  "fly-client-ip",
  "cdn-loop",
  "proxy-connection",
]);

/** Whether a proxy passed the request on. */
export const isForwarded = (headers: IncomingHttpHeaders): boolean =>
  Object.keys(headers).some((name) => forwardingHeaders.has(name) || name.startsWith("x-forwarded") || name.startsWith("x-original-"));

/**
 * Whether a page of another site made a browser send the request. Browsers send Sec-Fetch-Site with each request to a
 * trustworthy address, and Origin with each one that changes something. Source: Fetch Metadata Request Headers, RFC 6454.
 */
export const isForeign = ({ headers, host }: Pick<RequestOrigin, "headers" | "host">): boolean => {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const { origin } = headers;
  if (origin === undefined) return false;
  // behind a proxy that changes Host, only the browser itself can compare its page with the address
  if (site === "same-origin") return false;
  return !URL.canParse(origin) || new URL(origin).host !== host.toLowerCase();
};

const loopbackPeer = /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/;
const loopbackHost = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;

/** Whether the client addressed this machine by a name of its own; a page that had its name pointed here did not. */
export const namesLoopback = (host: string | undefined): boolean => loopbackHost.test(host ?? "");

/**
 * Whether a program of this machine sent the request: over loopback, by a name of loopback, through no proxy, and not for
 * a page of another site. HTTP/1.0 is what a proxy speaks that was not told otherwise.
 */
export const isLocal = (origin: RequestOrigin): boolean => {
  const { headers, peer, httpVersion } = origin;
  if (!loopbackPeer.test(peer) || !namesLoopback(headers.host) || httpVersion === "1.0" || isForwarded(headers)) return false;
  const ownOrigin = headers.origin === undefined || (URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host);
  return ownOrigin && !isForeign(origin);
};
