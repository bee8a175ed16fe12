import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../../service/carillon.js";
import { apiKeys, call, type Route, startWithRoutes } from "../walked-server.js";

interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly responses: Readonly<Record<string, { readonly content?: object; readonly headers: Readonly<Record<string, object>> }>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const stored = readFileSync(fileURLToPath(new URL("../../../docs/openapi.json", import.meta.url)), "utf8");
const document = JSON.parse(stored) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    name: `${method.toUpperCase()} ${path}`,
    operation,
  })),
);

/** Every value under a key, at any depth. */
const valuesAt = (key: string, value: unknown): unknown[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...valuesAt(key, inner)]);

const hasItems = (fields: unknown): boolean => Object.hasOwn(Object(fields), "items") && Object.hasOwn(Object(fields), "cursor");

describe("the description of the API", () => {
  let carillon: Carillon;
  let routes: Route[];
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ carillon, routes, stop } = await startWithRoutes({ apiKeys }));
  }, 60_000);
  afterAll(() => stop());

  it("describes every route of the server, and no other", () => {
    const served = routes
      .filter(({ method }) => method !== "HEAD")
      .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(operations.map(({ name }) => name).sort()).toEqual(served.sort());
    for (const { method, url, contract } of routes) expect(contract, `${method} ${url} has no contract: use addRoute`).toBeDefined();
  });

  it("is served as it is stored, without a key, and again only once it has changed", async () => {
    const first = await call(carillon.url, "GET", "/openapi.json");
    expect(first.status).toBe(200);
    expect(first.text, "run npm run generate").toBe(stored);
    const again = await call(carillon.url, "GET", "/openapi.json", { "if-none-match": String(first.headers.etag) });
    expect([again.status, again.text]).toEqual([304, ""]);
  });

  it("refers to nothing that it does not define", () => {
    for (const reference of valuesAt("$ref", document)) {
      const found = String(reference)
        .split("/")
        .slice(1)
        .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], document);
      expect(found, String(reference)).toBeDefined();
    }
  });

  it("gives every list items and a cursor", () => {
    const lists = operations.filter(({ operation: { operationId } }) => /^(list|search)/.test(operationId));
    const others = lists.filter(({ operation }) => !valuesAt("properties", operation.responses).some((fields) => hasItems(fields)));
    // a collection of RESTHeart is an array, and the list of reports describes what can be queried
    expect(others.map(({ name }) => name)).toEqual(["GET /reports", "GET /reports/{collection}"]);
  });

  it("gives each operation an id of its own", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(operations)("names the problems of $name", ({ method, operation }) => {
    const guarded = operation.security.some((scheme) => "apiKey" in scheme);
    const least = ["400", "500", "503", ...(guarded ? ["401", "403", "429"] : []), ...(method === "GET" ? [] : ["413"])];
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(least));
  });

  it.each(operations)("gives each answer of $name its headers, and each problem its type", ({ operation }) => {
    for (const [status, { content = {}, headers }] of Object.entries(operation.responses)) {
      expect(headers, status).toHaveProperty("X-Request-Id");
      if (Number(status) >= 400) expect(content, status).toHaveProperty(["application/problem+json"]);
      if (status === "429" || status === "503") expect(headers, status).toHaveProperty("Retry-After");
    }
  });

  it("closes every object of an answer, except those that analysts and the console shape", () => {
    const open = operations.flatMap(({ name, operation }) =>
      valuesAt("schema", operation.responses)
        .filter((schema) => (schema as { type?: unknown }).type === "object")
        .filter((schema) => (schema as { additionalProperties?: unknown }).additionalProperties !== false)
        .map(() => name),
    );
    expect(open).toEqual(["GET /openapi.json", "GET /reports/{collection}/{id}"]);
  });
});
