import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveView, SessionView } from "../../http/console/views.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import { channels } from "../../schemas/vocabulary.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { scratchFolder } from "../support/scratch.js";

const operatorKey = "operations-0123456789";
const senderKey = "shop-0123456789-abcdef";

const folder = scratchFolder();
let carillon: Carillon;

beforeAll(async () => {
  const apiKeys = [
    { tenant: "operations", key: operatorKey, role: "operator" },
    { tenant: "shop", key: senderKey },
  ];
  const config = loadConfig({ environment: {}, overrides: { dataDir: folder.path, http: { port: 0, apiKeys } } });
  carillon = await startCarillon({ config, logger: createLogger("error", "test") });
});
afterAll(async () => {
  await carillon.stop();
  folder.remove();
});

const call = (
  path: string,
  options: { readonly method?: string; readonly key?: string; readonly cookie?: string; readonly body?: unknown } = {},
) =>
  fetch(`${carillon.url}${path}`, {
    method: options.method ?? "GET",
    headers: {
      ...(options.key ? { authorization: `Bearer ${encodeURIComponent(options.key)}` } : {}),
      ...(options.cookie ? { cookie: options.cookie } : {}),
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });

const signIn = async (key: string): Promise<{ readonly status: number; readonly cookie: string }> => {
  const response = await call("/console/api/session", { method: "POST", body: { key } });
  return { status: response.status, cookie: response.headers.get("set-cookie") ?? "" };
};

describe("the console's session", () => {
  it("is nobody's without a key, though the page itself is served", async () => {
    const session = (await (await call("/console/api/session")).json()) as SessionView;
    expect(session).toEqual({ signedIn: false, tenant: null, operator: false, scopes: [], byKey: true, byOidc: false });
    for (const path of [
      "/console/api/about",
      "/console/api/catalog",
      "/console/api/live",
      "/v1/dead-letters",
      "/reports",
      "/sandbox/outbox/email",
    ])
      expect((await call(path)).status, path).toBe(401);
    const page = await call("/");
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page.headers.get("x-frame-options")).toBe("DENY");
  });

  it("refuses a wrong key, and one that may read nothing", async () => {
    expect((await signIn("a guess")).status).toBe(401);
    expect((await call("/console/api/session", { method: "POST", body: {} })).status).toBe(401);
    const created = await call("/v1/tenants/shop/keys", { method: "POST", key: operatorKey, body: { scopes: ["send", "manage"] } });
    const { key } = (await created.json()) as { key: string };
    const refused = await call("/console/api/session", { method: "POST", body: { key } });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ detail: "the key lacks the scope read" });
  });

  it("lets a tenant's key in, to its own tenant's data", async () => {
    const [cookie = ""] = (await signIn(senderKey)).cookie.split(";");
    const session = (await (await call("/console/api/session", { cookie })).json()) as SessionView;
    expect(session).toMatchObject({ signedIn: true, tenant: "shop", operator: false, scopes: ["send", "read"], byKey: true });
    const catalog = await call("/console/api/catalog", { cookie });
    expect(await catalog.json()).not.toHaveProperty("topologies");
    expect((await call("/v1/users", { cookie })).status).toBe(200);
    for (const path of ["/console/api/about", "/console/api/live", "/v1/tenants", "/v1/audit", "/v1/users?tenant=operations"])
      expect((await call(path, { cookie })).status, path).toBe(403);
    expect((await call("/v1/users/ann", { method: "PUT", cookie, body: {} })).status).toBe(403);
  });

  it("lets an operator in, by a cookie that no script reads and no other site sends", async () => {
    const { status, cookie } = await signIn(operatorKey);
    expect(status).toBe(204);
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    expect(cookie).not.toContain(operatorKey);
    const [own = ""] = cookie.split(";");
    expect(await (await call("/console/api/session", { cookie: own })).json()).toMatchObject({ signedIn: true, operator: true });
    expect((await call("/console/api/about", { cookie: own })).status).toBe(200);
    expect((await call("/v1/dead-letters", { cookie: own })).status).toBe(200);
    const ended = await call("/console/api/session", { method: "DELETE", cookie: own });
    expect(ended.headers.get("set-cookie")).toContain("Max-Age=0");
    // the cookie is invalid everywhere, including copies
    expect((await call("/console/api/about", { cookie: own })).status).toBe(401);
    expect((await call("/v1/dead-letters", { cookie: own })).status).toBe(401);
  });

  it("gives each sign-in an id of its own, which reveals nothing of the key", async () => {
    const ids = await Promise.all([1, 2].map(async () => /^carillon_session=([\w-]{43});/.exec((await signIn(operatorKey)).cookie)?.[1]));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(Buffer.from(id ?? "", "base64url").toString("latin1")).not.toContain(operatorKey);
    for (const cookie of ["carillon_session=", "carillon_session=x", `carillon_session=${"A".repeat(43)}`])
      expect((await call("/console/api/about", { cookie })).status).toBe(401);
  });

  it("marks the cookie Secure where TLS stands in front", async () => {
    const body = JSON.stringify({ key: operatorKey });
    const headers = { "content-type": "application/json", "x-forwarded-proto": "https" };
    const response = await fetch(`${carillon.url}/console/api/session`, { method: "POST", headers, body });
    expect(response.headers.get("set-cookie")).toMatch(/; Secure$/);
  });

  it("keeps senders from what concerns all tenants", async () => {
    const response = await fetch(`${carillon.url}/v1/dead-letters`, { headers: { authorization: `Bearer ${senderKey}` } });
    expect(response.status).toBe(403);
    const redrive = await fetch(`${carillon.url}/v1/dead-letters/redrive`, {
      method: "POST",
      headers: { authorization: `Bearer ${senderKey}`, "content-type": "application/json" },
      body: JSON.stringify({ filter: {} }),
    });
    expect(redrive.status).toBe(403);
  });

  it("tells how everything stands by server-sent events, and lets the process stop meanwhile", async () => {
    const { cookie } = await signIn(operatorKey);
    const response = await call("/console/api/live", { cookie: cookie.split(";")[0] ?? "" });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("data: ") || !text.endsWith("\n\n")) {
      const { value = "", done } = (await reader?.read()) ?? { done: true };
      text += value;
      if (done) break;
    }
    const view = JSON.parse(/data: (.*)/.exec(text)?.[1] ?? "{}") as LiveView;
    expect(view.providers.map(({ channel }) => channel)).toEqual(channels);
    expect(view.deadLetters).toBe(0);
    const begin = Date.now();
    await carillon.stop();
    expect(Date.now() - begin).toBeLessThan(10_000);
    await reader?.cancel();
  });
});
