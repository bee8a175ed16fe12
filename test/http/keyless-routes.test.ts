import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../service/carillon.js";
import { type Answer, call, foreignRequests, type Headers, type Route, startWithRoutes } from "./walked-server.js";

describe("every route of a server without keys", () => {
  let carillon: Carillon;
  let routes: Route[];
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ carillon, routes, stop } = await startWithRoutes({ failedAuthenticationsPerMinute: 10_000 }));
  }, 60_000);
  afterAll(() => stop());

  const visit = ({ method, url }: Route, headers: Headers): Promise<Answer> =>
    call(carillon.url, method, url.replaceAll(/:\w+/g, "x"), headers, method === "POST" ? "{}" : undefined);
  const guarded = (): Route[] => routes.filter(({ access }) => access === "tenant" || access === "operator");

  it("is open to a program of this machine, and to the console's own page", async () => {
    const { host } = new URL(carillon.url ?? "");
    for (const route of guarded())
      for (const headers of <Headers[]>[{}, { origin: `http://${host}`, "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "none" }])
        expect([401, 403], `${route.method} ${route.url}`).not.toContain((await visit(route, headers)).status);
  });

  it.each(foreignRequests)("is closed to a request that was %s", async (_what, headers) => {
    for (const route of guarded()) expect((await visit(route, headers)).status, `${route.method} ${route.url}`).toBe(401);
  });

  it("shows its metrics to no page whose name was pointed here", async () => {
    for (const route of routes.filter(({ access }) => access === "monitoring")) {
      expect((await visit(route, { host: "evil.test" })).status, route.url).toBe(403);
      expect((await visit(route, {})).status, route.url).toBe(200);
    }
  });

  it("takes no form of another site", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const headers = { "content-type": type, origin: "https://evil.test", "sec-fetch-site": "cross-site" };
      expect((await call(carillon.url, "POST", "/v1/messages", headers, "{}")).status).toBe(401);
      expect((await call(carillon.url, "POST", "/v1/messages", { "content-type": type }, "{}")).status).toBe(415);
    }
  });
});

describe("behind a proxy that is trusted", () => {
  it("a request is never local, whatever the proxy or its client claims", async () => {
    const { carillon, stop } = await startWithRoutes({ trustedProxies: ["127.0.0.0/8", "::1"] });
    for (const headers of [
      { "x-forwarded-for": "127.0.0.1" },
      { "x-forwarded-for": "127.0.0.1, 127.0.0.1", "x-forwarded-host": "localhost" },
    ])
      expect((await call(carillon.url, "GET", "/reports", headers as Headers)).status).toBe(401);
    await stop();
  });
});
