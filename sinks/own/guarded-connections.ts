import { lookup as lookUp } from "node:dns";
import { connect, isIP, type Socket } from "node:net";
import { Agent, buildConnector } from "undici";
import { connectTimeoutMs, createHttpConnections } from "../../wire/http-request.js";
import { openTunnel } from "../../wire/proxy-tunnel.js";
import type { ProviderConnections } from "../providers/definition.js";
import { type AddressRules, type AddressUse, refusedAddress } from "../webhooks/address-guard.js";
import { addressOf, guardedLookup, notAllowed } from "../webhooks/guarded-lookup.js";

const use: AddressUse = {
  what: "providers of tenants",
  key: "tenants.allowAddresses",
  secure: "with TLS",
  insecure: "connections without",
};

/** A template can name any number of hosts. */
const mostOrigins = 100;

const bare = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, "$1");

/** Throws for an address that must not be called. A name is checked when it is resolved. */
const assertAllowed = (host: string, rules: AddressRules): void => {
  const why = isIP(host) === 0 ? undefined : refusedAddress(host, rules);
  if (why !== undefined) throw notAllowed(host, host, why);
};

const connectorOf = (allowed: readonly string[], resolve: typeof lookUp, proxy: URL | undefined): buildConnector.connector => {
  const rulesOf = (protocol: string): AddressRules => ({ allowed, plain: protocol !== "https:", use });
  const build = (protocol: string): buildConnector.connector =>
    buildConnector({ timeout: connectTimeoutMs, lookup: guardedLookup(rulesOf(protocol), resolve) });
  const [secure, plain] = [build("https:"), build("http:")];
  /** A proxy would resolve the name itself, without the check, so it receives the checked address. */
  const tunnelTo = async ({ hostname, port, protocol }: buildConnector.Options, by: URL): Promise<Socket> => {
    const address = await addressOf(bare(hostname), guardedLookup(rulesOf(protocol), resolve));
    return openTunnel(by, address, Number(port || (protocol === "https:" ? 443 : 80)), connectTimeoutMs);
  };
  return (options, callback) => {
    const { protocol, hostname } = options;
    try {
      assertAllowed(bare(hostname), rulesOf(protocol));
    } catch (error) {
      callback(error as Error, null);
      return;
    }
    const direct = protocol === "https:" ? secure : plain;
    if (!proxy) return direct(options, callback);
    tunnelTo(options, proxy).then(
      (httpSocket) => (protocol === "https:" ? secure({ ...options, httpSocket }, callback) : callback(null, httpSocket)),
      (error: Error) => callback(error, null),
    );
  };
};

/** Opens a connection for a protocol other than HTTP. Rejects at the deadline, and leaves nothing open. */
const openSocket = (host: string, port: number, rules: AddressRules, timeoutMs: number, resolve: typeof lookUp): Promise<Socket> =>
  new Promise((done, reject) => {
    assertAllowed(host, rules);
    const socket = connect({ host, port, lookup: guardedLookup(rules, resolve) });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(Object.assign(new Error(`${host}:${port} took no connection within ${timeoutMs} ms`), { code: "ECONNECTION" })),
      timeoutMs,
    );
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      done(socket);
    });
  });

/**
 * Connections to addresses that a tenant configures: public ones with TLS, allowed ranges also without, and never a cloud's metadata
 * service, whatever the names resolve to. `allowed`: private ranges (CIDR) that may be called.
 */
export const createGuardedConnections = (allowed: readonly string[], resolve: typeof lookUp = lookUp): ProviderConnections => {
  const http = createHttpConnections((proxy) => new Agent({ connect: connectorOf(allowed, resolve, proxy), maxOrigins: mostOrigins }));
  return {
    http,
    socketTo: ({ host, port, plain, timeoutMs }) => openSocket(host, port, { allowed, plain, use }, timeoutMs, resolve),
    close: http.close,
  };
};
