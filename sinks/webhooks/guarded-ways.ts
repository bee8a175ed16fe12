import { lookup as lookUp } from "node:dns";
import { type Agent, type ClientRequest, Agent as HttpAgent, request as httpRequest, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import { TunnelAgent } from "../../wire/proxy-agent.js";
import { proxyFor } from "../../wire/proxy-environment.js";
import { type AddressUse, refusedAddress } from "./address-guard.js";
import { addressOf, guardedLookup, notAllowed } from "./guarded-lookup.js";

/** Tenants can name any number of hosts, so unused connections close. */
const pool = { keepAlive: true, maxSockets: 100, timeout: 60_000 };

/** A proxy would resolve the name itself, without the check, so it receives the checked address instead. */
const throughProxy = async (url: URL, agent: Agent, lookup: LookupFunction): Promise<RequestOptions> => {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const isName = isIP(host) === 0;
  return {
    agent,
    hostname: await addressOf(host, lookup),
    ...(url.protocol === "https:"
      ? {
          ...(isName ? { servername: host } : {}),
          checkServerIdentity: (_name: string, certificate: never) => checkServerIdentity(host, certificate),
        }
      : {}),
  };
};

/** Ways to addresses that tenants configure. */
export interface GuardedWays {
  /** Options of a request. Rejects if the address must not be called, or if the protocol is neither http: nor https:. */
  to(url: URL): Promise<RequestOptions>;
  close(): void;
}

/**
 * Leads to public addresses with https, to allowed ranges also with http, and never to a cloud's metadata service, whatever the names
 * resolve to. `allowed`: private ranges (CIDR) that may be called.
 */
export const createGuardedWays = (allowed: readonly string[], resolve: typeof lookUp = lookUp, use?: AddressUse): GuardedWays => {
  const direct: Readonly<Record<string, Agent>> = { "http:": new HttpAgent(pool), "https:": new HttpsAgent(pool) };
  const byProxy = new Map<string, Agent>();
  const proxyAgentOf = (proxy: URL): Agent => {
    const known: Agent = byProxy.get(proxy.href) ?? new TunnelAgent(proxy);
    byProxy.set(proxy.href, known);
    return known;
  };
  return {
    to: async (url) => {
      const agent = direct[url.protocol];
      if (!agent) throw new Error(`${url.protocol} is neither http: nor https:`);
      const rules = { allowed, plain: url.protocol === "http:", ...(use ? { use } : {}) };
      const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
      const why = isIP(host) ? refusedAddress(host, rules) : undefined;
      if (why !== undefined) throw notAllowed(host, host, why);
      const lookup = guardedLookup(rules, resolve);
      const proxy = proxyFor(url);
      return proxy ? throughProxy(url, proxyAgentOf(proxy), lookup) : { agent, lookup };
    },
    close: () => {
      for (const agent of [...Object.values(direct), ...byProxy.values()]) agent.destroy();
    },
  };
};

/** Begins a request over a way. */
export const requestOver = (url: URL, options: RequestOptions): ClientRequest =>
  (url.protocol === "https:" ? httpsRequest : httpRequest)(url.href, options);
