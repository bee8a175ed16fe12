import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noLimits } from "../../access/limits/tenant-limits.js";
import { type Access, accesses, guardRoutes } from "../../http/access/access.js";
import type { Carillon } from "../../service/carillon.js";
import { eventually } from "../support/eventually.js";
import {
  type Answer,
  apiKeys,
  asKey,
  call,
  foreignRequests,
  type Headers,
  keys,
  type Route,
  secretText,
  startWithRoutes,
  token,
} from "./walked-server.js";

describe("every route of the server", () => {
  let carillon: Carillon;
  let routes: Route[];
  let stop: () => Promise<void>;
  const ids: Record<string, string> = {};
  const paths = new Map<string, string>();

  /** The route's URL with parameters that lead to acme's data. */
  const pathOf = (url: string): string =>
    url
      .replace("/sandbox/outbox/:channel", "/sandbox/outbox/email")
      .replace("/v1/messages/:id", `/v1/messages/${ids.acme}`)
      .replace("/v1/tenants/:id", "/v1/tenants/acme")
      .replace("/reports/:collection/_aggrs/:name", "/reports/messages_email/_aggrs/outcomes")
      .replace("/reports/:collection/:id", `/reports/messages_email/${ids.acme}`)
      .replace(":collection", "messages_email")
      .replace(":provider", "kaleyra")
      .replace(":file", "nothing.js");

  beforeAll(async () => {
    ({ carillon, routes, stop } = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 10_000 }));
    for (const tenant of ["acme", "other"] as const) {
      const to = `${tenant}-recipient@sandbox.carillon.test`;
      const text = tenant === "acme" ? secretText : "for the other tenant";
      const body = JSON.stringify({ channel: "email", to, content: { subject: text, text } });
      ids[tenant] = JSON.parse((await call(carillon.url, "POST", "/v1/messages", asKey(keys[tenant]), body)).text).id;
      await eventually(
        () => call(carillon.url, "GET", `/v1/messages/${ids[tenant]}`, asKey(keys[tenant])),
        ({ text: view }) => JSON.parse(view).final === true,
      );
    }
    for (const { url } of routes) paths.set(url, pathOf(url));
  }, 60_000);
  afterAll(() => stop());

  const withAccess = (...wanted: Access[]): Route[] => routes.filter(({ access }) => access !== undefined && wanted.includes(access));
  const visit = ({ method, url }: Route, headers: Headers = {}): Promise<Answer> =>
    call(carillon.url, method, paths.get(url) ?? url, headers, method === "POST" ? "{}" : undefined);

  it("declares who may call it", () => {
    expect(routes.length).toBeGreaterThan(25);
    for (const { method, url, access } of routes) expect(Object.keys(accesses), `${method} ${url}`).toContain(access);
    expect(new Set(routes.map(({ access }) => access))).toEqual(new Set(Object.keys(accesses)));
  });

  it("cannot be registered without that", () => {
    const app = Fastify();
    guardRoutes(app, { authenticate: async () => undefined, onLoopback: true, limits: noLimits, onLimited: () => undefined });
    expect(() => app.get("/v1/forgotten", async () => "everything")).toThrow("GET /v1/forgotten declares no access");
    expect(() => app.get("/v1/mistyped", { config: { access: "constructor" as never } }, async () => "everything")).toThrow(
      "declares no access",
    );
  });

  it("is open without a key only where it shows nothing of any tenant", async () => {
    const open = withAccess("page", "monitoring", "session", "signIn").map(({ method, url }) => `${method} ${url}`);
    expect(open.sort()).toEqual([
      "DELETE /console/api/session",
      "GET /",
      "GET /console/:file",
      "GET /console/api/oidc",
      "GET /console/api/oidc/callback",
      "GET /console/api/session",
      "GET /docs/messages",
      "GET /healthz",
      "GET /metrics",
      "GET /openapi.json",
      "GET /readyz",
      "HEAD /",
      "HEAD /console/:file",
      "HEAD /console/api/session",
      "HEAD /docs/messages",
      "HEAD /healthz",
      "HEAD /metrics",
      "HEAD /openapi.json",
      "HEAD /readyz",
      "POST /console/api/session",
    ]);
    for (const route of withAccess("page", "monitoring", "session", "signIn")) {
      const { text } = await visit(route);
      for (const trace of [secretText, "acme", ids.acme ?? "", "other-recipient"])
        expect(text, `${route.method} ${route.url}`).not.toContain(trace);
    }
  });

  it("answers 401 without a key, with a wrong one, and with one in the wrong place", async () => {
    for (const route of withAccess("tenant", "operator")) {
      for (const headers of <Headers[]>[
        {},
        asKey("wrong-0123456789abcdef"),
        { authorization: `Basic ${Buffer.from(`acme:${keys.acme}`).toString("base64")}` },
        { "x-api-key": keys.operations },
        { cookie: `carillon_session=${keys.operations}` },
        { cookie: `carillon_session=${Buffer.from(keys.operations).toString("base64url")}` },
      ]) {
        const { status, headers: answered } = await visit(route, headers);
        expect(status, `${route.method} ${route.url} ${JSON.stringify(headers)}`).toBe(401);
        expect(answered["www-authenticate"]).toBe("Bearer");
      }
    }
  });

  it("answers 403 to a sender where only operators may call", async () => {
    for (const route of withAccess("operator")) {
      expect((await visit(route, asKey(keys.acme))).status, `${route.method} ${route.url}`).toBe(403);
      expect([401, 403], `${route.method} ${route.url}`).not.toContain((await visit(route, asKey(keys.operations))).status);
    }
  });

  it("shows a tenant nothing of another", async () => {
    for (const route of withAccess("tenant")) {
      const { status, text } = await visit(route, asKey(keys.other));
      const where = `${route.method} ${route.url}: ${text.slice(0, 300)}`;
      expect(status, where).not.toBe(401);
      expect(status, where).toBeLessThan(500);
      for (const trace of [secretText, "acme-recipient", '"acme"']) expect(text, where).not.toContain(trace);
    }
    // the same routes show it to its owner and to operators, so the check above is meaningful
    for (const key of [keys.acme, keys.operations]) {
      for (const path of [
        `/v1/messages/${ids.acme}`,
        "/reports/messages_email",
        `/reports/messages_email/${ids.acme}`,
        "/reports/messages",
      ])
        expect((await call(carillon.url, "GET", path, asKey(key))).text, path).toContain("acme-recipient");
      expect((await call(carillon.url, "GET", "/sandbox/outbox/email", asKey(key))).text).toContain(secretText);
    }
    const all = await call(carillon.url, "GET", "/sandbox/outbox/email", asKey(keys.operations));
    expect(all.text).toContain("other-recipient");
  });

  it("takes callbacks from nobody without a proof, and never from a page", async () => {
    for (const route of withAccess("callback")) {
      // no tenant has a provider of its own here
      const refused = route.url.includes(":tenant") ? 404 : 401;
      for (const headers of <Headers[]>[{}, asKey(keys.operations), { "x-callback-token": "a guess" }])
        expect((await visit(route, headers)).status, `${route.method} ${route.url}`).toBe(refused);
      for (const [, headers] of foreignRequests.filter(([, { origin, "sec-fetch-site": site }]) => origin ?? site))
        expect((await visit(route, { ...headers, "x-callback-token": token })).status).toBe(refused);
    }
    expect(withAccess("callback").map(({ method }) => method)).toEqual(["GET", "POST", "GET", "POST"]);
  });

  it("takes callbacks whatever they call their body, and counts each answer", async () => {
    const post = async (body: string, type: string): Promise<number> => {
      const headers = { "x-callback-token": token, "content-type": type };
      return (await fetch(`${carillon.url}/v1/callbacks/kaleyra`, { method: "POST", headers, body })).status;
    };
    for (const type of ["json", ";;;", "application", "text/", "a b/c"])
      expect(await post('{"id":"k-1","status":"SENT"}', type), type).toBe(204);
    expect(await post("x".repeat(300_000), "application/json")).toBe(413);
    const metrics = await (await fetch(`${carillon.url}/metrics`)).text();
    expect(metrics).toMatch(/carillon_callbacks_total\{provider="kaleyra",status="204"\} 5/);
    expect(metrics).toMatch(/carillon_callbacks_total\{provider="kaleyra",status="413"\} 1/);
  });

  it("is kept out of caches and frames, whatever it answers", async () => {
    for (const route of routes) {
      for (const headers of [{}, asKey(keys.operations)]) {
        const answer = await visit(route, headers);
        const where = `${route.method} ${route.url} ${answer.status}`;
        expect(answer.headers["x-content-type-options"], where).toBe("nosniff");
        expect(answer.headers["content-security-policy"], where).toContain("frame-ancestors 'none'");
        expect(answer.headers["referrer-policy"], where).toBe("no-referrer");
        if (route.access !== "page") expect(answer.headers["cache-control"], where).toBe("no-store");
        expect(answer.headers["access-control-allow-origin"], where).toBeUndefined();
      }
    }
  });

  it("carries the id of its request, whatever it answers", async () => {
    const ids = new Set<unknown>();
    for (const route of routes)
      for (const headers of [{}, asKey(keys.operations)]) ids.add((await visit(route, headers)).headers["x-request-id"]);
    expect(ids).not.toContain(undefined);
    expect(ids.size).toBe(2 * routes.length);
  });

  /** Another route answers: the path is that of a message or user with the id batch or import. */
  const asksForId = ["GET /v1/messages/batch", "GET /v1/users/import", "PUT /v1/users/import", "DELETE /v1/users/import"];

  it("names the methods of a path in its answer to any other", async () => {
    for (const { url } of routes) {
      const allowed = [...new Set(routes.filter((route) => route.url === url).map(({ method }) => method))].sort();
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].filter((one) => !allowed.includes(one))) {
        if (asksForId.includes(`${method} ${url}`)) continue;
        const { status, headers, text } = await call(carillon.url, method, paths.get(url) ?? url);
        expect(status, `${method} ${url}`).toBe(405);
        expect(headers.allow).toBe(allowed.join(", "));
        expect(JSON.parse(text)).toMatchObject({ status: 405, title: "Method Not Allowed" });
      }
    }
  });

  it("makes no use of a session for a page of another site", async () => {
    const signIn = await call(carillon.url, "POST", "/console/api/session", {}, JSON.stringify({ key: keys.operations }));
    const cookie = String(signIn.headers["set-cookie"]).split(";")[0] ?? "";
    for (const route of withAccess("operator", "tenant")) {
      expect([401, 403], `${route.method} ${route.url}`).not.toContain((await visit(route, { cookie })).status);
      for (const headers of <Headers[]>[
        { origin: "https://evil.test", "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "cross-site" },
        { origin: "https://sub.localhost", "sec-fetch-site": "same-site" },
        { origin: "null" },
        { origin: "https://evil.test" },
      ])
        expect((await visit(route, { ...headers, cookie })).status, `${route.method} ${route.url} ${JSON.stringify(headers)}`).toBe(401);
    }
    for (const method of ["GET", "POST", "DELETE"])
      expect((await call(carillon.url, method, "/console/api/session", { origin: "https://evil.test", cookie })).status).toBe(403);
  });
});
