import type { IncomingHttpHeaders } from "node:http";

/** The parts of a request that reveal its origin. */
export interface RequestOrigin {
  readonly headers: IncomingHttpHeaders;
  /** Address of the connection's peer, whatever a header claims. */
  readonly peer: string;
  /** HTTP version, such as 1.1. */
  readonly httpVersion: string;
  /** The host name in the request, possibly as reported by a trusted proxy. */
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

/** Whether a proxy forwarded the request. */
export const isForwarded = (headers: IncomingHttpHeaders): boolean =>
  Object.keys(headers).some((name) => forwardingHeaders.has(name) || name.startsWith("x-forwarded") || name.startsWith("x-original-"));

/**
 * Whether a page of another site made a browser send the request. Browsers send Sec-Fetch-Site with each request to a trustworthy address,
 * and Origin with each request that changes something. Source: Fetch Metadata Request Headers, RFC 6454.
 */
export const isForeign = ({ headers, host }: Pick<RequestOrigin, "headers" | "host">): boolean => {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const { origin } = headers;
  if (origin === undefined) return false;
  // behind a proxy that changes Host, only the browser can compare its page with the address
  if (site === "same-origin") return false;
  return !URL.canParse(origin) || new URL(origin).host !== host.toLowerCase();
};

const loopbackPeer = /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/;
const loopbackHost = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;

/** Whether the client used a loopback name of this machine. A page with a DNS name that points here did not. */
export const namesLoopback = (host: string | undefined): boolean => loopbackHost.test(host ?? "");

/**
 * Whether a program on this machine sent the request: over loopback, with a loopback name, without a proxy, and not for a page of another
 * site. HTTP/1.0 is refused because proxies use it by default.
 */
export const isLocal = (origin: RequestOrigin): boolean => {
  const { headers, peer, httpVersion } = origin;
  if (!loopbackPeer.test(peer) || !namesLoopback(headers.host) || httpVersion === "1.0" || isForwarded(headers)) return false;
  const ownOrigin = headers.origin === undefined || (URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host);
  return ownOrigin && !isForeign(origin);
};
