import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { request } from "node:http";
import type { FastifyInstance } from "fastify";
import type { Access } from "../../http/access/access.js";
import type { RouteContract } from "../../http/contract/route-contract.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { scratchFolder } from "../support/scratch.js";

export interface Route {
  readonly method: string;
  readonly url: string;
  readonly access: Access | undefined;
  readonly contract: RouteContract | undefined;
}

export type Headers = Readonly<Record<string, string>>;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export const keys = { acme: "acme-0123456789abcdef", other: "other-0123456789abcdef", operations: "operations-0123456789" } as const;
export const apiKeys = [
  { tenant: "acme", key: keys.acme },
  { tenant: "other", key: keys.other },
  { tenant: "operations", key: keys.operations, role: "operator" },
];
/** The token of callbacks. */
export const token = "a token of the route walk";
/** The text of a message of acme. */
export const secretText = "only acme may read this";

/** Starts the real server and records each route that Fastify registers. */
export const startWithRoutes = async (
  http: object,
  /** Further parts of the configuration. */
  more: object = {},
): Promise<{ carillon: Carillon; routes: Route[]; stop: () => Promise<void> }> => {
  const folder = scratchFolder();
  const routes: Route[] = [];
  const note = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook("onRoute", ({ method, url, config }) => {
      for (const one of [method].flat()) routes.push({ method: one, url, access: config?.access, contract: config?.contract });
    });
  };
  const providers = { kaleyra: { sid: "HX1", apiKey: "a key of kaleyra", callback: { token } } };
  const channels = { sms: { providers: ["sandbox"], routes: [{ recipient: "+44", providers: ["kaleyra"] }] } };
  const reports = { deadlineMs: 30_000 }; // a slow machine must not fail an access test
  const overrides = { dataDir: folder.path, http: { port: 0, ...http }, providers, channels, reports, ...more };
  const config = loadConfig({ environment: {}, overrides });
  subscribe("fastify.initialization", note);
  try {
    const carillon = await startCarillon({ config, logger: createLogger("silent", "test") });
    const stop = async (): Promise<void> => {
      await carillon.stop();
      folder.remove();
    };
    return { carillon, routes, stop };
  } finally {
    unsubscribe("fastify.initialization", note);
  }
};

/** A request with exactly these headers, some of which fetch would not send. */
export const call = (base: string | undefined, method: string, path: string, headers: Headers = {}, body?: string) =>
  new Promise<Answer>((resolve, reject) => {
    const { port, hostname } = new URL(base ?? "");
    const type = body === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
    const sent = request({ host: hostname, port, method, path, headers: { connection: "close", ...type, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      const end = (): void => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() });
        response.destroy();
      };
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      if (String(response.headers["content-type"]).includes("event-stream")) end(); // it never ends by itself
      response.on("end", end);
    });
    sent.once("error", reject).end(body);
  });

export const asKey = (key: string) => ({ authorization: `Bearer ${key}` });

/** Signs of a proxy or of a page of another site: neither may pass as a local program. */
export const foreignRequests: readonly (readonly [string, Headers])[] = [
  ["forwarded by RFC 7239", { forwarded: "for=203.0.113.9" }],
  ["forwarded for a stranger", { "x-forwarded-for": "203.0.113.9" }],
  ["forwarded for this machine, or so it claims", { "x-forwarded-for": "127.0.0.1" }],
  ["forwarded with its protocol alone", { "x-forwarded-proto": "https" }],
  ["forwarded with its host alone", { "x-forwarded-host": "localhost" }],
  ["forwarded by nginx", { "x-real-ip": "127.0.0.1" }],
  ["forwarded by a proxy that names itself", { via: "1.1 proxy" }],
  ["forwarded by a content network", { "cf-connecting-ip": "203.0.113.9" }],
  ["of a page of another site", { origin: "https://evil.test", "sec-fetch-site": "cross-site" }],
  ["of an image on a page of another site", { "sec-fetch-site": "cross-site" }],
  ["of a page of another port", { origin: "http://localhost:1", "sec-fetch-site": "same-site" }],
  ["of a page in a sandboxed frame", { origin: "null" }],
  ["of a page whose name was pointed here", { host: "evil.test", origin: "http://evil.test", "sec-fetch-site": "same-origin" }],
  ["to a name that only begins like loopback", { host: "127.0.0.1.evil.test" }],
];
