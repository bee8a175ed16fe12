import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import ipaddr from "ipaddr.js";
import type { ProviderConfig } from "../../config/providers.js";
import { basicAuthorization } from "../../schemas/basic-authorization.js";
import type { CallbackRequest } from "../../sinks/providers/definition.js";

type Auth = ProviderConfig["callback"];

/** Compares in the same time whatever is given. */
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
      return base.kind() === parsed.kind() && parsed.match([base, bits] as never);
    })
  );
};

const isLoopback = (address: string): boolean => parseAddress(address)?.range() === "loopback";

const wantsToken = ({ token }: Auth, request: CallbackRequest): string | undefined =>
  token === null || same(request.fields.token ?? header(request, "x-callback-token"), token) ? undefined : "the token is wrong or missing";

const wantsPassword = ({ username, password }: Auth, request: CallbackRequest): string | undefined => {
  if (username === null || password === null) return undefined;
  return same(header(request, "authorization"), basicAuthorization(username, password))
    ? undefined
    : "the account or its password is wrong or missing";
};

const wantsSignature = ({ hmac }: Auth, request: CallbackRequest): string | undefined => {
  if (hmac === null) return undefined;
  const wanted = createHmac(hmac.algorithm, hmac.secret).update(request.body).digest(hmac.encoding);
  const given = header(request, hmac.header).replace(/^sha(1|256|512)=/, "");
  return same(given, wanted) ? undefined : `the signature in ${hmac.header} does not fit the body`;
};

/**
 * Whether a callback may be from the provider: undefined when it may, else what is wrong. All that is configured must hold;
 * where nothing is, only this machine itself is believed, unless the provider signs (`signed`).
 */
export const refuseCallback = (auth: Auth, request: CallbackRequest, address: string, signed: boolean): string | undefined => {
  const { token, username, hmac, addresses } = auth;
  if (addresses.length > 0 && !isWithin(address, addresses)) return `${address} is not one of the provider's addresses`;
  const proven = signed || token !== null || username !== null || hmac !== null || addresses.length > 0;
  if (!proven && !isLoopback(address)) return "it is not configured how this provider proves who it is";
  return wantsToken(auth, request) ?? wantsPassword(auth, request) ?? wantsSignature(auth, request);
};
