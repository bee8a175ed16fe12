import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../service/carillon.js";
import { eventually } from "../support/eventually.js";
import { apiKeys, asKey, call, keys, startWithRoutes } from "./walked-server.js";

interface Body {
  readonly id: string;
  readonly key: string;
  readonly detail: string;
  readonly cursor: string | null;
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly errors: readonly { readonly field: string }[];
}

describe("tenants and their keys", () => {
  let carillon: Carillon;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ carillon, stop } = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 10_000 }));
  }, 60_000);
  afterAll(() => stop());

  const ask = async (key: string, method: string, path: string, body?: object) => {
    const answer = await call(carillon.url, method, path, asKey(key), body && JSON.stringify(body));
    return { status: answer.status, body: (answer.text === "" ? {} : JSON.parse(answer.text)) as Body, headers: answer.headers };
  };
  const operate = (method: string, path: string, body?: object) => ask(keys.operations, method, path, body);
  const newKey = async (tenant: string, scopes: readonly string[], more: object = {}): Promise<Body> =>
    (await operate("POST", `/v1/tenants/${tenant}/keys`, { scopes, ...more })).body;
  const message = { channel: "email", to: "someone@sandbox.carillon.test", content: { subject: "Hi", text: "Hi" } };

  it("are created, listed, changed and deleted while the server runs", async () => {
    expect(await operate("POST", "/v1/tenants", { id: "first", name: "The first" })).toMatchObject({
      status: 201,
      body: { id: "first", name: "The first", status: "active" },
    });
    expect((await operate("POST", "/v1/tenants", { id: "first" })).status).toBe(409);
    expect((await operate("PATCH", "/v1/tenants/first", { name: "Renamed" })).body).toMatchObject({ name: "Renamed", status: "active" });
    const { key } = await newKey("first", ["send"]);
    expect((await ask(key, "POST", "/v1/messages", message)).status).toBe(202);
    expect((await operate("PATCH", "/v1/tenants/first", { status: "suspended" })).status).toBe(200);
    expect(await ask(key, "POST", "/v1/messages", message)).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining("suspended") },
    });
    await operate("PATCH", "/v1/tenants/first", { status: "active" });
    expect((await ask(key, "POST", "/v1/messages", message)).status).toBe(202);
    expect((await operate("DELETE", "/v1/tenants/first")).status).toBe(204);
    expect(await ask(key, "POST", "/v1/messages", message)).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining("revoked") },
    });
    for (const [method, path] of [
      ["GET", "/v1/tenants/first"],
      ["DELETE", "/v1/tenants/first"],
      ["GET", "/v1/tenants/first/keys"],
    ] as const)
      expect((await operate(method, path)).status, `${method} ${path}`).toBe(404);
    // its messages still have the id
    expect((await operate("POST", "/v1/tenants", { id: "first" })).status).toBe(409);
  });

  it("are listed by pages, each once", async () => {
    for (const id of ["page-a", "page-b", "page-c"]) await operate("POST", "/v1/tenants", { id });
    const seen: unknown[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const { body }: { body: Body } = await operate("GET", `/v1/tenants?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.cursor;
    }
    expect(seen).toEqual([...new Set(seen)].sort());
    for (const id of ["acme", "operations", "other", "page-a", "page-b", "page-c"]) expect(seen).toContain(id);
    expect(await operate("GET", "/v1/tenants?cursor=%21")).toMatchObject({ status: 400, body: { errors: [{ field: "cursor" }] } });
    const { cursor } = (await operate("GET", "/v1/audit?limit=1")).body;
    expect(await operate("GET", `/v1/tenants?cursor=${cursor}`)).toMatchObject({
      status: 400,
      body: { errors: [{ field: "cursor", problem: "belongs to another list" }] },
    });
  });

  it("refuse what does not fit, with the field", async () => {
    const fields = async (path: string, body: object): Promise<readonly string[]> => {
      const answer = await operate("POST", path, body);
      expect(answer.status).toBe(400);
      return answer.body.errors.map(({ field }) => field);
    };
    expect(await fields("/v1/tenants", { id: "Not valid", plan: "gold" })).toEqual(["id", "plan"]);
    expect(await fields("/v1/tenants/acme/keys", { scopes: ["admin"] })).toEqual(["scopes"]);
    expect(await fields("/v1/tenants/acme/keys", { scopes: ["manage"], test: true })).toEqual(["scopes"]);
    expect((await operate("POST", "/v1/tenants/nobody/keys", { scopes: ["send"] })).status).toBe(404);
    expect((await operate("DELETE", "/v1/tenants/acme/keys/none")).status).toBe(404);
    for (const [method, body] of [
      ["DELETE", undefined],
      ["PATCH", { status: "suspended" }],
    ] as const)
      expect(await operate(method, "/v1/tenants/acme", body)).toMatchObject({ status: 409 });
  });

  it("show a key once, and never again", async () => {
    const { id, key } = await newKey("acme", ["read"], { name: "reports" });
    expect(key).toMatch(/^carillon_live_/);
    await ask(key, "GET", "/reports");
    const listed = await eventually(
      () => operate("GET", "/v1/tenants/acme/keys"),
      ({ body }) => body.items.some((one) => one.id === id && one.lastUsedAt !== null),
    );
    const audited = await operate("GET", "/v1/audit?limit=1000");
    for (const { body } of [listed, audited]) expect(JSON.stringify(body)).not.toMatch(/carillon_live_|digest/);
    expect(listed.body.items.find((one) => one.id === id)).toMatchObject({
      ...{ name: "reports", scopes: ["read"], test: false, state: "valid", expiresAt: null, revokedAt: null },
      lastUsedAt: expect.stringMatching(/Z$/),
    });
  });

  it("replace a key while the former one stays valid, and revoke one at once", async () => {
    const first = await newKey("acme", ["read"]);
    const second = await operate("POST", `/v1/tenants/acme/keys/${first.id}/rotate`, {});
    expect(second.status).toBe(201);
    for (const key of [first.key, second.body.key]) expect((await ask(key, "GET", "/reports")).status).toBe(200);
    const third = await operate("POST", `/v1/tenants/acme/keys/${second.body.id}/rotate`, { overlapMs: 0 });
    expect(await ask(second.body.key, "GET", "/reports")).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining("expired") },
    });
    for (const status of [204, 204]) expect((await operate("DELETE", `/v1/tenants/acme/keys/${third.body.id}`)).status).toBe(status);
    expect(await ask(third.body.key, "GET", "/reports")).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining("revoked") },
    });
  });

  it("give a key its scopes and nothing more, also by keys that it creates", async () => {
    const send = await newKey("acme", ["send"]);
    expect((await ask(send.key, "POST", "/v1/messages", message)).status).toBe(202);
    const refused = await ask(send.key, "GET", "/reports");
    expect(refused).toMatchObject({ status: 403, body: { detail: "the key lacks the scope read" } });
    const manage = await newKey("acme", ["manage"]);
    expect((await ask(manage.key, "POST", "/v1/tenants/acme/keys", { scopes: ["manage"] })).status).toBe(201);
    expect(await ask(manage.key, "POST", "/v1/tenants/acme/keys", { scopes: ["manage", "send"] })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining("send") },
    });
    const rotated = await ask(manage.key, "POST", `/v1/tenants/acme/keys/${send.id}/rotate`, {});
    expect(rotated).toMatchObject({ status: 403, body: { detail: expect.stringContaining("send") } });
    // a leaked key must be revocable by the tenant's managers
    expect((await ask(manage.key, "DELETE", `/v1/tenants/acme/keys/${send.id}`)).status).toBe(204);
    const operate = await newKey("acme", ["operate"]);
    const kept = await ask(manage.key, "DELETE", `/v1/tenants/acme/keys/${operate.id}`);
    expect(kept).toMatchObject({ status: 403, body: { detail: expect.stringContaining("operate") } });
    expect(await ask(manage.key, "POST", "/v1/tenants/other/keys", { scopes: ["manage"] })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining("operate") },
    });
    expect((await ask(manage.key, "GET", "/v1/tenants/nobody/keys")).status).toBe(403);
  });

  it("keep test keys in the sandbox", async () => {
    const { key } = await newKey("acme", ["send", "read"], { test: true });
    expect(key).toMatch(/^carillon_test_/);
    expect((await ask(key, "POST", "/v1/messages", message)).status).toBe(202);
    const real = { channel: "sms", to: "+442071838750", content: { text: "Hi" } };
    expect(await ask(key, "POST", "/v1/messages", real)).toMatchObject({ status: 403, body: { errors: [{ field: "to" }] } });
    const { body } = await ask(key, "POST", "/v1/messages/batch", { messages: [message, real] });
    expect(body).toMatchObject({ results: [{ id: expect.any(String) }, { errors: [{ field: "to" }] }] });
    expect((await ask(key, "POST", "/v1/push/endpoints", { platform: "apns", token: "t" })).status).toBe(403);
  });

  it("let a stored key sign in to the console, until it is revoked", async () => {
    const { id, key } = await newKey("operations", ["operate", "read"]);
    const signIn = await call(carillon.url, "POST", "/console/api/session", {}, JSON.stringify({ key }));
    expect(signIn.status).toBe(204);
    const cookie = String(signIn.headers["set-cookie"]).split(";")[0] ?? "";
    const about = () => call(carillon.url, "GET", "/console/api/about", { cookie });
    expect((await about()).status).toBe(200);
    await operate("DELETE", `/v1/tenants/operations/keys/${id}`);
    expect((await about()).status).toBe(401);
    const sender = await newKey("operations", ["send"]);
    expect((await call(carillon.url, "POST", "/console/api/session", {}, JSON.stringify({ key: sender.key }))).status).toBe(403);
  });

  it("record the work of operators, with its result and without recipients", async () => {
    await operate("POST", "/v1/erasures", { to: "private@example.com", tenant: "acme", waitMs: 1 });
    await operate("POST", "/v1/erasures/count", { to: "private@example.com" });
    await operate("POST", "/v1/dead-letters/discard", { filter: {}, reason: "a test" });
    await operate("POST", "/v1/dead-letters/discard", { reason: "nothing is selected" });
    const { body } = await operate("GET", "/v1/audit?limit=2");
    expect(body.items).toMatchObject([
      { action: "deadLetters.discard", tenant: null, before: null, after: { discarded: 0 }, actor: "key:operations:config.2" },
      { action: "recipient.erase", tenant: "acme", target: "POST /v1/erasures", after: { erased: { messages: 0 } } },
    ]);
    expect(JSON.stringify(body)).not.toContain("private@");
  });

  it("record each change once, with its author and request, for the tenant alone", async () => {
    await operate("POST", "/v1/tenants", { id: "audited", name: "Audited" });
    const manage = await newKey("audited", ["manage"]);
    const renamed = await operate("PATCH", "/v1/tenants/audited", { name: "Renamed" });
    await operate("PATCH", "/v1/tenants/audited", { name: "Renamed" });
    const own = await ask(manage.key, "GET", "/v1/audit");
    expect(own.body.items.map(({ action }) => action)).toEqual(["tenant.change", "key.create", "tenant.create"]);
    expect(own.body.items[0]).toMatchObject({
      ...{ actor: "key:operations:config.2", tenant: "audited", target: "tenant audited", erased: false },
      ...{ before: { name: "Audited" }, after: { name: "Renamed" }, requestId: renamed.headers["x-request-id"] },
    });
    expect((await ask(manage.key, "GET", "/v1/audit?tenant=acme")).status).toBe(403);
    expect((await operate("GET", "/v1/audit?tenant=audited&limit=1")).body).toMatchObject({ items: [{ action: "tenant.change" }] });
    const first = await operate("GET", "/v1/audit?tenant=audited&limit=2");
    const rest = await operate("GET", `/v1/audit?tenant=audited&limit=2&cursor=${first.body.cursor}`);
    expect(rest.body.items.map(({ action }) => action)).toEqual(["tenant.create"]);
    expect(rest.body.cursor).toBeNull();
  });
});
