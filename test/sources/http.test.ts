import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder } from "../support/scratch.js";

const start = (overrides: object = {}) => {
  const folder = scratchFolder();
  const config = loadConfig({ environment: {}, overrides: { dataDir: folder.path, http: { port: 0 }, ...overrides } });
  return startCarillon({ config, logger: createLogger("error", "test") }).then((carillon) => ({
    carillon,
    stop: async () => {
      await carillon.stop();
      folder.remove();
    },
  }));
};

const good = { channel: "email", to: "success@sandbox.carillon.test", lane: "high", content: { subject: "Hello", text: "Hi" } };

describe("the HTTP accepter", () => {
  let carillon: Carillon;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ carillon, stop } = await start());
  });
  afterAll(() => stop());
  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${carillon.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  it("answers 202 with the id, and knows the message at once", async () => {
    const response = await post(good);
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    const view = await (await fetch(`${carillon.url}/v1/messages/${id}`)).json();
    expect(view).toMatchObject({ id, channel: "email", lane: "high", tenant: "local", final: false });
    const final = await eventually(
      async () => (await (await fetch(`${carillon.url}/v1/messages/${id}`)).json()) as { final: boolean; lineage: object[] },
      ({ final: done }) => done,
    );
    for (const key of ["stage", "outcome", "reason", "attempt", "at"]) expect(final.lineage[0]).toHaveProperty(key);
  });

  it("answers 400 as problem+json naming each wrong field and its fix", async () => {
    const response = await post({ channel: "sms", to: "12", lane: "urgent", content: {}, colour: "red" });
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    const problem = (await response.json()) as { status: number; errors: { field: string; fix: string }[] };
    expect(problem.status).toBe(400);
    expect(problem.errors.map(({ field }) => field)).toEqual(["colour", "lane", "to", "content.text"]);
    const second = (await (await post({ channel: "sms", to: "12", lane: "urgent", content: {} })).json()) as typeof problem;
    expect(second.errors.map(({ field }) => field)).toEqual(["lane", "to", "content.text"]);
    for (const { fix } of second.errors) expect(fix).not.toBe("");
  });

  it("links every 400 to the reference of the fields, and each error to its field", async () => {
    const refused = await post({ ...good, to: 7, from: "Shop", colour: "red" });
    expect(refused.headers.get("link")).toBe('</docs/messages>; rel="help"');
    const problem = (await refused.json()) as { reference: string; errors: { field: string; reference: string }[] };
    expect(problem.reference).toBe("/docs/messages");
    expect(Object.fromEntries(problem.errors.map(({ field, reference }) => [field, reference]))).toEqual({
      to: "/docs/messages#to",
      from: "/docs/messages#from",
      colour: "/docs/messages",
    });
    const unread = (await (await post("{")).json()) as { reference: string };
    expect(unread.reference).toBe("/docs/messages");
    const page = await fetch(`${carillon.url}${problem.reference}`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('id="content.attachments.filename"');
  });

  it.each([
    ["no JSON", "{", {}, 400],
    ["no body", "", {}, 400],
    ["another content type", "text", { "content-type": "text/plain" }, 415],
    ["a body that is too large", JSON.stringify({ ...good, metadata: { a: "x".repeat(1_100_000) } }), {}, 413],
  ])("refuses %s with a problem", async (_what, body, headers, status) => {
    const response = await post(body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
  });

  it("answers 404 for an unknown message and an unknown path", async () => {
    for (const path of ["/v1/messages/unknown", "/nothing"]) {
      const response = await fetch(`${carillon.url}${path}`);
      expect(response.status).toBe(404);
      expect(response.headers.get("content-type")).toContain("application/problem+json");
    }
  });

  it("trusts loopback only by its own name: a page that had another name pointed here is nobody", async () => {
    const { port } = new URL(carillon.url ?? "");
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const foreign = request({ host: "127.0.0.1", port, path: "/v1/messages/x", headers: { host: "evil.test" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      foreign.once("error", reject).end();
    });
    expect(status).toBe(401);
  });

  it("greets whoever opens its address in a browser, and loads nothing from elsewhere", async () => {
    const response = await fetch(`${carillon.url}/`);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    const page = await response.text();
    expect(page).toContain("<title>Carillon</title>");
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
    expect(files).toHaveLength(3);
    for (const path of files) {
      expect(path).toMatch(/^\/console\//);
      const file = await fetch(`${carillon.url}${path}`);
      expect(file.status, path).toBe(200);
      const again = await fetch(`${carillon.url}${path}`, { headers: { "if-none-match": file.headers.get("etag") ?? "" } });
      expect(again.status, path).toBe(304);
    }
    expect((await fetch(`${carillon.url}/console/..%2f..%2fpackage.json`)).status).toBe(404);
  });

  it("shows what the sandbox delivered", async () => {
    await post({ ...good, content: { subject: "For the outbox", text: "Hi" } });
    await eventually(
      async () => (await (await fetch(`${carillon.url}/sandbox/outbox/email`)).json()) as { items: { content: { subject: string } }[] },
      ({ items }) => items.some(({ content }) => content.subject === "For the outbox"),
    );
    expect((await fetch(`${carillon.url}/sandbox/outbox/pigeon`)).status).toBe(404);
  });
});

const keyA = "acme-0123456789abcdef";
const keyB = "other-0123456789abcdef";

describe("the HTTP accepter with keys", () => {
  it("knows tenants by their keys and keeps them apart", async () => {
    const { carillon, stop } = await start({
      http: {
        port: 0,
        apiKeys: [
          { tenant: "acme", key: keyA },
          { tenant: "other", key: keyB },
        ],
      },
    });
    const call = (path: string, key?: string, body?: object): Promise<Response> =>
      fetch(`${carillon.url}${path}`, {
        ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
        headers: { ...(body ? { "content-type": "application/json" } : {}), ...(key ? { authorization: `Bearer ${key}` } : {}) },
      });
    expect((await call("/v1/messages", undefined, good)).status).toBe(401);
    expect((await call("/v1/messages", "wrong", good)).status).toBe(401);
    expect((await call("/v1/messages", keyA, { ...good, tenant: "other" })).status).toBe(403);
    const accepted = await call("/v1/messages", keyA, good);
    expect(accepted.status).toBe(202);
    const { id } = (await accepted.json()) as { id: string };
    expect(await (await call(`/v1/messages/${id}`, keyA)).json()).toMatchObject({ tenant: "acme" });
    expect((await call(`/v1/messages/${id}`, keyB)).status).toBe(404);
    await stop();
  });
});

describe("starting", () => {
  it("refuses a port that is taken, with its fix; stops twice without harm; starts again on the same folder", async () => {
    const folder = scratchFolder();
    const config = (port: number) => loadConfig({ environment: {}, overrides: { dataDir: folder.path, http: { port } } });
    const first = await startCarillon({ config: config(0), logger: createLogger("error", "test") });
    const { port } = new URL(first.url ?? "");
    const other = scratchFolder();
    const taken = loadConfig({ environment: {}, overrides: { dataDir: other.path, http: { port: Number(port) } } });
    await expect(startCarillon({ config: taken, logger: createLogger("error", "test") })).rejects.toMatchObject({
      fix: expect.stringContaining("CARILLON_PORT"),
    });
    await first.stop();
    await first.stop();
    const again = await startCarillon({ config: config(0), logger: createLogger("error", "test") });
    await again.stop();
    folder.remove();
    other.remove();
  });
});

describe("a sender that a message names", () => {
  it("is refused with 403, naming the field, unless its tenant may use it", async () => {
    const apiKeys = ["acme", "beta"].map((tenant) => ({ tenant, key: `a-long-key-of-${tenant}-for-tests` }));
    const email = { from: "Shop <shop@common.example>", allowSenders: [{ tenant: "acme", from: "@acme.example" }] };
    const { carillon, stop } = await start({ http: { port: 0, apiKeys }, channels: { email } });
    const send = async (tenant: string, from: string) => {
      const headers = { "content-type": "application/json", authorization: `Bearer a-long-key-of-${tenant}-for-tests` };
      const response = await fetch(`${carillon.url}/v1/messages`, { method: "POST", headers, body: JSON.stringify({ ...good, from }) });
      const { errors = [] } = (await response.json()) as { errors?: { field: string; fix: string }[] };
      return [response.status, errors.map(({ field }) => field)];
    };
    expect(await send("acme", "ceo@beta.example")).toEqual([403, ["from"]]);
    expect(await send("acme", "Ann <ann@acme.example>")).toEqual([202, []]);
    expect(await send("acme", "ann@mail.acme.example")).toEqual([403, ["from"]]);
    expect(await send("beta", "ann@acme.example")).toEqual([403, ["from"]]);
    expect(await send("beta", "Beta <shop@common.example>")).toEqual([202, []]);
    expect(await send("beta", "Beta <shop@common.example>\r\nBcc: x@y.example")).toEqual([400, ["from"]]);
    await stop();
  });
});
