import { CarillonError, causesOf, messageOf } from "../../schemas/errors.js";
import type { Address } from "./address.js";

const codeOf = (error: unknown): string => {
  for (const cause of causesOf(error)) {
    const { code } = (cause ?? {}) as { readonly code?: unknown };
    if (typeof code === "string") return code;
  }
  return "";
};

const trust = "make Node trust its certificate authority: NODE_EXTRA_CA_CERTS=ca.pem";

/** OpenSSL's errors are lines of internal names and addresses. */
const isOfOpenSsl = (code: string): boolean => /^(EPROTO|ERR_SSL_.*)$/.test(code);

/** The detail of an error, in one line. */
const detailOf = (error: unknown, code: string): string => (isOfOpenSsl(code) ? code : messageOf(error).replaceAll(/\s+/g, " ").trim());

/** Problems with TLS and their fixes, by the codes of Node.js and OpenSSL. */
const ofTls: readonly (readonly [code: RegExp, problem: string, fix: string])[] = [
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "its certificate is for another host name", "give the host name in the certificate"],
  [/^CERT_HAS_EXPIRED$/, "its certificate has expired", "renew it on the server"],
  [/^CERT_NOT_YET_VALID$/, "its certificate is not valid yet", "check the clocks of both machines"],
  [/SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_(UNTRUSTED|REJECTED|SIGNATURE)|INVALID_CA/, "its certificate is not trusted here", trust],
  [
    /^(EPROTO|ERR_SSL_.*)$/,
    "it does not use TLS on this port",
    "on its own machine, give an http:// address; elsewhere, give the address of the proxy that terminates TLS",
  ],
  [/CERT|TLS/, "its certificate was rejected", trust],
];

const ofConnections: Readonly<Record<string, readonly [problem: string, fix: string]>> = {
  ECONNREFUSED: ["connection refused", "start the server, or check host and port (http.host, http.port of the server)"],
  ENOTFOUND: ["unknown host name", "check the spelling of the host name"],
  EAI_AGAIN: ["its name cannot be resolved now", "check this machine's DNS"],
  EHOSTUNREACH: ["there is no route to the host", "check the network, the VPN and HTTPS_PROXY"],
  ENETUNREACH: ["there is no route to the host", "check the network, the VPN and HTTPS_PROXY"],
};

const proxyAccount = ["the proxy requires an account", "set it in HTTPS_PROXY: http://name:password@host:port"] as const;
const proxyRefused = ["the proxy opened no connection", "check HTTPS_PROXY, and whether that proxy may connect to this address"] as const;

const broken = ["the connection broke", "check that Carillon listens there, and any proxy on the way; then run the command again"] as const;

/** The problem with a connection, and its fix. `EPROXY` is the code of `wire/proxy-tunnel.ts`. */
const ofConnection = (code: string, detail: string): readonly [problem: string, fix: string] => {
  if (code === "EPROXY") return / 407$/.test(detail) ? proxyAccount : proxyRefused;
  return (Object.hasOwn(ofConnections, code) ? ofConnections[code] : undefined) ?? broken;
};

/** The error of a request without an answer. */
export const unreachable = ({ url }: Pick<Address, "url">, error: unknown): CarillonError => {
  const code = codeOf(error);
  const tls = ofTls.find(([pattern]) => pattern.test(code));
  if (tls)
    return new CarillonError("SERVER_INCOMPATIBLE", `${url} cannot be trusted: ${tls[1]} (${detailOf(error, code)})`, {
      // a printed error includes its causes
      cause: isOfOpenSsl(code) ? undefined : error,
      fix: tls[2],
    });
  const detail = detailOf(error, code);
  const [problem, fix] = ofConnection(code, detail);
  return new CarillonError("UNAVAILABLE", `no answer from ${url}: ${problem} (${detail})`, { cause: error, fix });
};

export const tooSlow = ({ url }: Pick<Address, "url">, withinMs: number): CarillonError =>
  new CarillonError("DEADLINE_PASSED", `no answer from ${url} within ${withinMs / 1_000} s`, {
    fix: "check the server with GET /readyz; it may still complete the request",
  });
