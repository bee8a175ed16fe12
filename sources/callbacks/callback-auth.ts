import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import ipaddr from "ipaddr.js";
import type { ProviderConfig } from "../../config/providers.js";
import type { CallbackRequest } from "../../sinks/providers/definition.js";
import { basicAuthorization } from "../../wire/basic-authorization.js";
import { isForwarded } from "../../wire/request-origin.js";

type Auth = ProviderConfig["callback"];

/** Compares in constant time. */
const same = (given: string, wanted: string): boolean =>
  timingSafeEqual(createHash("sha256").update(given).digest(), createHash("sha256").update(wanted).digest());

const header = (request: CallbackRequest, name: string): string => {
  const value = request.headers[name.toLowerCase()];
  return typeof value === "string" ? value : "";
};

const parseAddress = (text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined => (ipaddr.isValid(text) ? ipaddr.process(text) : undefined);

const isWithin = (address: string, ranges: readonly string[]): boolean => {
  const parsed = parseAddress(address);
  return (
    parsed !== undefined &&
    ranges.some((range) => {
      const [base, bits] = ipaddr.parseCIDR(range);
      return parsed instanceof ipaddr.IPv4
        ? base instanceof ipaddr.IPv4 && parsed.match(base, bits)
        : base instanceof ipaddr.IPv6 && parsed.match(base, bits);
    })
  );
};

/** A callback with its origin. */
export interface ReceivedCallback {
  readonly request: CallbackRequest;
  /** Address of the sender, possibly as reported by a trusted proxy. */
  readonly address: string;
}

const wantsToken = ({ token }: Auth, request: CallbackRequest): string | undefined =>
  token === null || same(request.fields.token ?? header(request, "x-callback-token"), token)
    ? undefined
    : "the token is invalid or missing";

const wantsPassword = ({ username, password }: Auth, request: CallbackRequest): string | undefined => {
  if (username === null || password === null) return undefined;
  return same(header(request, "authorization"), basicAuthorization(username, password))
    ? undefined
    : "the user name or password is invalid or missing";
};

const wantsSignature = ({ hmac }: Auth, request: CallbackRequest): string | undefined => {
  if (hmac === null) return undefined;
  if (request.method !== "POST") return `${request.method} has no body to sign: configure the provider to use POST`;
  const wanted = createHmac(hmac.algorithm, hmac.secret).update(request.body).digest(hmac.encoding);
  const given = header(request, hmac.header).replace(/^sha(1|256|512)=/, "");
  return same(hmac.encoding === "hex" ? given.toLowerCase() : given, wanted)
    ? undefined
    : `the signature in ${hmac.header} does not match the body`;
};

const isOfThisNetwork = (address: string): boolean => {
  const range = parseAddress(address)?.range();
  return range === undefined || ["loopback", "private", "uniqueLocal", "linkLocal", "carrierGradeNat", "unspecified"].includes(range);
};

/** Checks the sender's address, which is reliable only without unknown proxies in between. */
const wantsAddress = ({ addresses }: Auth, { request, address }: ReceivedCallback): string | undefined => {
  if (addresses.length === 0) return undefined;
  if (isOfThisNetwork(address) && isForwarded(request.headers as IncomingHttpHeaders))
    return `${address} is a proxy that is not in http.trustedProxies`;
  return isWithin(address, addresses) ? undefined : `${address} is not one of the provider's addresses`;
};

/** Whether one of the methods of authentication that every provider supports is configured. */
export const hasProof = ({ token, username, password, hmac, addresses }: Auth): boolean =>
  token !== null || (username !== null && password !== null) || hmac !== null || addresses.length > 0;

/**
 * Whether a callback comes from the provider: undefined if it does, else the problem. Every configured method must succeed. Without
 * any, no callback is accepted, not even from this machine, because pages and proxies can send from it, too. `signed`: the provider signs
 * callbacks itself.
 */
export const refuseCallback = (auth: Auth, received: ReceivedCallback, signed: boolean): string | undefined => {
  const { request } = received;
  if (request.method !== "GET" && request.method !== "POST") return `the method ${request.method} is not supported: use GET or POST`;
  const { origin, "sec-fetch-site": site } = request.headers;
  if (origin !== undefined || (site !== undefined && site !== "none")) return "the request came from a web page, not from the provider";
  if (!signed && !hasProof(auth)) return "no callback authentication is configured";
  return wantsAddress(auth, received) ?? wantsToken(auth, request) ?? wantsPassword(auth, request) ?? wantsSignature(auth, request);
};

/** The part of a callback that its authentication covers: if the body is signed, the query is not covered. */
export const provenPart = ({ hmac }: Auth, request: CallbackRequest): CallbackRequest =>
  hmac === null ? request : { ...request, url: request.url.replace(/\?.*$/s, ""), fields: request.form };
