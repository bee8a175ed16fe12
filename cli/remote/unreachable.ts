import { CarillonError, causesOf, messageOf } from "../../schemas/errors.js";
import type { Address } from "./address.js";

const codeOf = (error: unknown): string => {
  for (const cause of causesOf(error)) {
    const { code } = (cause ?? {}) as { readonly code?: unknown };
    if (typeof code === "string") return code;
  }
  return "";
};

const trust = "have Node trust the authority that signed it: NODE_EXTRA_CA_CERTS=ca.pem";

/** Problems with TLS and their fixes, by the codes of Node.js and OpenSSL. */
const ofTls: readonly (readonly [code: RegExp, problem: string, fix: string])[] = [
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "its certificate is for another name", "give the name that the certificate is for"],
  [/^CERT_HAS_EXPIRED$/, "its certificate has expired", "renew it on the server"],
  [/^CERT_NOT_YET_VALID$/, "its certificate is not valid yet", "check the clocks of both machines"],
  [/SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_(UNTRUSTED|REJECTED|SIGNATURE)|INVALID_CA/, "its certificate is not trusted here", trust],
  [/^(EPROTO|ERR_SSL_.*)$/, "it does not speak TLS there", "give http:// on its own machine, or the address of the proxy that ends TLS"],
  [/CERT|TLS/, "its certificate is refused", trust],
];

const ofConnections: Readonly<Record<string, readonly [problem: string, fix: string]>> = {
  ECONNREFUSED: ["nothing listens there", "start the server, or check host and port (http.host, http.port of the server)"],
  ENOTFOUND: ["its name is unknown", "check how the host is written"],
  EAI_AGAIN: ["its name cannot be looked up now", "check this machine's DNS"],
  EHOSTUNREACH: ["there is no route to it", "check the network, a VPN or HTTPS_PROXY"],
  ENETUNREACH: ["there is no route to it", "check the network, a VPN or HTTPS_PROXY"],
};

const broken = [
  "the connection broke",
  "check that a Carillon listens there, and a proxy in between; then give the command again",
] as const;

/** The error of a request without an answer. */
export const unreachable = ({ url }: Pick<Address, "url">, error: unknown): CarillonError => {
  const code = codeOf(error);
  const tls = ofTls.find(([pattern]) => pattern.test(code));
  if (tls)
    return new CarillonError("SERVER_UNFIT", `${url} cannot be trusted: ${tls[1]} (${messageOf(error)})`, { cause: error, fix: tls[2] });
  const [problem, fix] = Object.hasOwn(ofConnections, code) ? (ofConnections[code] ?? broken) : broken;
  return new CarillonError("UNAVAILABLE", `no answer from ${url}: ${problem} (${messageOf(error)})`, { cause: error, fix });
};

export const tooSlow = ({ url }: Pick<Address, "url">, withinMs: number): CarillonError =>
  new CarillonError("DEADLINE_PASSED", `no answer from ${url} within ${withinMs / 1_000} s`, {
    fix: "check how the server is: GET /readyz; what was asked for may still be done there",
  });
