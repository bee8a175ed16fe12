import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { json, nothing } from "./answers.js";
import { openApiOf } from "./openapi.js";
import { addRoute, defineRoute, type RouteContract } from "./route-contract.js";

export const openApiPath = "/openapi.json";

const etagHeader = { ETag: { description: "The document's digest", schema: z.string() } };

export const getOpenApi = defineRoute({
  method: "GET",
  url: openApiPath,
  access: "page",
  id: "getOpenApi",
  tag: "documentation",
  summary: "Get this description",
  headers: { "If-None-Match": { description: "The ETag of the document that the client has", schema: z.string() } },
  answers: {
    200: json(z.looseObject({ openapi: z.string() }), "The description of the API, in OpenAPI 3.1", etagHeader),
    304: nothing("The client has this document", etagHeader),
  },
});

/** Collects the contracts of all routes that are added from now on. */
export const collectContracts = (app: FastifyInstance): ReadonlySet<RouteContract> => {
  const contracts = new Set<RouteContract>();
  app.addHook("onRoute", ({ config }) => {
    if (config?.contract) contracts.add(config.contract);
  });
  return contracts;
};

/** The document of these routes and of this one, in a stable order. */
export const openApiText = (contracts: Iterable<RouteContract>): string => {
  const ordered = [...new Set([...contracts, getOpenApi])].sort((one, other) => (one.url + one.method < other.url + other.method ? -1 : 1));
  return `${JSON.stringify(openApiOf(ordered), null, 2)}\n`;
};

interface Built {
  readonly text: string;
  readonly etag: string;
}

const build = (contracts: Iterable<RouteContract>): Built => {
  const text = openApiText(contracts);
  return { text, etag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"` };
};

/** Serves the description of the server's routes. It contains no data, so it needs no key. */
export const openApiRoute = (app: FastifyInstance, contracts: ReadonlySet<RouteContract>): void => {
  let built: Built | undefined;
  addRoute(app, getOpenApi, (request, reply) => {
    built ??= build(contracts);
    reply.headers({ etag: built.etag, "cache-control": "no-cache" });
    if (request.headers["if-none-match"] === built.etag) return reply.code(304).send();
    return reply.type("application/json; charset=utf-8").send(built.text);
  });
};
