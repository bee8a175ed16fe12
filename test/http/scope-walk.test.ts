import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allScopes, type Scope } from "../../access/scopes.js";
import { scopeOf } from "../../http/access/route-scope.js";
import type { Carillon } from "../../service/carillon.js";
import { type Answer, apiKeys, asKey, call, keys, type Route, startWithRoutes } from "./walked-server.js";

/** A tenant of the store, which the configuration does not name. */
const owner = "shop";

describe("every route of the server, by the scopes of a key", () => {
  let carillon: Carillon;
  let routes: Route[];
  let stop: () => Promise<void>;
  const operate = (method: string, path: string, body: object): Promise<Answer> =>
    call(carillon.url, method, path, asKey(keys.operations), JSON.stringify(body));
  const keyWith = async (tenant: string, scopes: readonly Scope[], test = false): Promise<string> =>
    JSON.parse((await operate("POST", `/v1/tenants/${tenant}/keys`, { scopes, test })).text).key;
  beforeAll(async () => {
    ({ carillon, routes, stop } = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 10_000 }));
    for (const id of [owner, "stranger"]) await operate("POST", "/v1/tenants", { id });
  }, 60_000);
  afterAll(() => stop());

  const guarded = (): Route[] => routes.filter(({ access }) => access === "tenant" || access === "operator");
  const neededBy = ({ method, access, contract }: Route): Scope =>
    scopeOf({ method, config: { access, ...(contract?.scope ? { scope: contract.scope } : {}) } });
  const visit = ({ method, url }: Route, key: string, tenant = owner): Promise<Answer> => {
    // a route that could revoke a key of the walk finds none
    const path = url.replace("/v1/tenants/:id", `/v1/tenants/${tenant}`).replaceAll(/:\w+/g, "none");
    return call(carillon.url, method, path, asKey(key), method === "POST" ? "{}" : undefined);
  };
  const where = ({ method, url }: Route): string => `${method} ${url}`;

  it("needs a scope that fits its work", () => {
    const byScope = (scope: Scope): readonly string[] =>
      guarded()
        .filter((route) => route.method !== "HEAD" && route.access === "tenant" && neededBy(route) === scope)
        .map(where)
        .sort();
    expect(byScope("send")).toEqual(["POST /v1/messages", "POST /v1/messages/batch", "POST /v1/push/endpoints"]);
    expect(byScope("manage")).toEqual([
      "DELETE /v1/groups/:id",
      "DELETE /v1/groups/:id/members/:user",
      "DELETE /v1/tenants/:id/keys/:key",
      "DELETE /v1/tenants/:id/providers/:name",
      "DELETE /v1/tenants/:id/routes/:channel",
      "DELETE /v1/tenants/:id/token-keys/:kid",
      "DELETE /v1/tenants/:id/webhook",
      "DELETE /v1/users/:id",
      "DELETE /v1/users/:id/addresses",
      "GET /v1/audit",
      "GET /v1/tenants/:id/keys",
      "GET /v1/tenants/:id/providers",
      "GET /v1/tenants/:id/routes",
      "GET /v1/tenants/:id/token-keys",
      "GET /v1/tenants/:id/webhook",
      "PATCH /v1/tenants/:id/settings",
      "POST /v1/groups/:id/members",
      "POST /v1/tenants/:id/keys",
      "POST /v1/tenants/:id/keys/:key/rotate",
      "POST /v1/tenants/:id/token-keys",
      "POST /v1/tenants/:id/webhook/enable",
      "POST /v1/tenants/:id/webhook/rotate",
      "POST /v1/users/:id/addresses",
      "POST /v1/users/import",
      "PUT /v1/groups/:id",
      "PUT /v1/tenants/:id/providers/:name",
      "PUT /v1/tenants/:id/routes/:channel",
      "PUT /v1/tenants/:id/webhook",
      "PUT /v1/users/:id",
    ]);
    expect(byScope("operate")).toEqual([]);
    for (const route of guarded().filter(({ access }) => access === "operator")) expect(neededBy(route), where(route)).toBe("operate");
  });

  it("refuses a key with every scope but the needed one, and names that", async () => {
    const without = new Map<Scope, string>();
    for (const scope of allScopes)
      without.set(
        scope,
        await keyWith(
          owner,
          allScopes.filter((one) => one !== scope),
        ),
      );
    for (const route of guarded()) {
      const { status, text } = await visit(route, without.get(neededBy(route)) ?? "");
      expect(status, where(route)).toBe(403);
      if (route.method !== "HEAD") expect(JSON.parse(text).detail, where(route)).toContain(`lacks the scope ${neededBy(route)}`);
    }
  });

  it("takes a key with the needed scope alone", async () => {
    const only = new Map<Scope, string>();
    for (const scope of allScopes) only.set(scope, await keyWith(owner, [scope]));
    // the tenant itself leaves last
    const ordered = [...guarded()].sort((one, other) => Number(one.method === "DELETE") - Number(other.method === "DELETE"));
    for (const route of ordered.filter(({ method, url }) => `${method} ${url}` !== "DELETE /v1/tenants/:id"))
      expect([401, 403], where(route)).not.toContain((await visit(route, only.get(neededBy(route)) ?? "")).status);
  });

  it("refuses test keys what they could change or see of others", async () => {
    const key = await keyWith(owner, ["send", "read"], true);
    for (const route of guarded().filter((one) => ["manage", "operate"].includes(neededBy(one))))
      expect((await visit(route, key)).status, where(route)).toBe(403);
  });

  it("refuses every key of another tenant where its path names one", async () => {
    const key = await keyWith("stranger", ["send", "read", "manage"]);
    const named = guarded().filter(({ url }) => url.startsWith("/v1/tenants/:id"));
    expect(named.length).toBeGreaterThan(7);
    for (const route of named) {
      for (const tenant of [owner, "nobody"]) {
        const { status, text } = await visit(route, key, tenant);
        expect(status, where(route)).toBe(403);
        if (route.method !== "HEAD") expect(JSON.parse(text).detail, where(route)).toContain("operate");
      }
    }
  });
});
