import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../service/carillon.js";
import { apiKeys, asKey, call, keys, startWithRoutes } from "./walked-server.js";

const encryption = { active: "main", keys: { main: { secret: Buffer.alloc(32, 7).toString("base64") } } };
const configuredSecret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
const webhooks = { tenants: { hooked: { url: "https://hooked.test/in", secret: configuredSecret } } };
const url = "https://shop.test/hooks/path-of-shop";

interface Body {
  readonly secret: string;
  readonly errors: readonly { readonly field: string; readonly problem: string; readonly fix: string }[];
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

const askerOf = (server: () => Carillon) => async (key: string, method: string, path: string, body?: object) => {
  const answer = await call(server().url, method, path, asKey(key), body && JSON.stringify(body));
  return { status: answer.status, text: answer.text, body: (answer.text === "" ? {} : JSON.parse(answer.text)) as Body };
};

describe("the webhook of a tenant's own", () => {
  let carillon: Carillon;
  let stop: () => Promise<void>;
  const ask = askerOf(() => carillon);
  const operate = (method: string, path: string, body?: object) => ask(keys.operations, method, path, body);
  const keyOf = async (tenant: string, ...scopes: readonly string[]): Promise<string> =>
    JSON.parse((await operate("POST", `/v1/tenants/${tenant}/keys`, { scopes })).text).key;
  beforeAll(async () => {
    const more = { encryption, webhooks, tenants: { allowAddresses: ["10.0.0.0/8"] } };
    ({ carillon, stop } = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 10_000 }, more));
    for (const id of ["shop", "bank"]) await operate("POST", "/v1/tenants", { id });
  }, 60_000);
  afterAll(() => stop());

  it("is set by a key of the tenant, shows its secret once, and is removed", async () => {
    const key = await keyOf("shop", "manage");
    const none = await ask(key, "GET", "/v1/tenants/shop/webhook");
    expect(none.status).toBe(404);
    const made = await ask(key, "PUT", "/v1/tenants/shop/webhook", { url });
    const view = { host: "shop.test", kinds: ["final", "engagement"], secrets: 1, configured: false, state: null };
    expect(made).toMatchObject({ status: 201, body: { ...view, secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) } });
    const got = await ask(key, "GET", "/v1/tenants/shop/webhook");
    expect(got.body).toEqual(view);
    // the same address keeps its secret; another one gets a new one
    const same = await ask(key, "PUT", "/v1/tenants/shop/webhook", { url, kinds: ["final"] });
    expect(same).toMatchObject({ status: 200, body: { ...view, kinds: ["final"], secret: null } });
    const other = await ask(key, "PUT", "/v1/tenants/shop/webhook", { url: `${url}/2` });
    expect(other).toMatchObject({ status: 200, body: { ...view, secret: expect.stringMatching(/^whsec_/) } });
    expect(other.body.secret).not.toBe(made.body.secret);
    for (const secrets of [2, 2])
      expect(await ask(key, "POST", "/v1/tenants/shop/webhook/rotate")).toMatchObject({ status: 201, body: { ...view, secrets } });
    expect(await ask(key, "POST", "/v1/tenants/shop/webhook/enable")).toMatchObject({ status: 200, body: { ...view, secrets: 2 } });
    const listed = await operate("GET", "/v1/webhooks");
    expect(listed.body.items).toEqual([
      { tenant: "hooked", own: false, host: "hooked.test", kinds: ["final", "engagement"], problem: null, state: null },
      { tenant: "shop", own: true, host: "shop.test", kinds: ["final", "engagement"], problem: null, state: null },
    ]);
    expect((await ask(key, "DELETE", "/v1/tenants/shop/webhook")).status).toBe(204);
    expect((await ask(key, "DELETE", "/v1/tenants/shop/webhook")).status).toBe(404);
    expect((await ask(key, "POST", "/v1/tenants/shop/webhook/rotate")).status).toBe(404);
    expect((await ask(key, "POST", "/v1/tenants/shop/webhook/enable")).status).toBe(404);

    const audit = await ask(key, "GET", "/v1/audit");
    const actions = audit.body.items.map(({ action }) => action).filter((action) => String(action).startsWith("webhook."));
    expect(actions).toEqual([
      ...["webhook.remove", "webhook.enable", "webhook.rotate", "webhook.rotate"],
      ...["webhook.set", "webhook.set", "webhook.set"],
    ]);
    expect(audit.text).toContain("https://shop.test/");
    expect(audit.text).not.toMatch(/whsec_|sealed:|path-of-shop/);
  });

  it("is closed to other tenants, and to keys without the scope", async () => {
    const [bank, reader] = [await keyOf("bank", "manage"), await keyOf("shop", "read", "send")];
    for (const [method, path, body] of [
      ["GET", "", undefined],
      ["PUT", "", { url }],
      ["DELETE", "", undefined],
      ["POST", "/rotate", undefined],
      ["POST", "/enable", undefined],
    ] as const)
      for (const key of [bank, reader]) expect((await ask(key, method, `/v1/tenants/shop/webhook${path}`, body)).status, method).toBe(403);
  });

  it("refuses addresses that must not be called, and input that is wrong, by its field", async () => {
    const refused = async (body: object) => {
      const { status, body: answer } = await operate("PUT", "/v1/tenants/shop/webhook", body);
      return [status, ...new Set(answer.errors.map(({ field }) => field))];
    };
    for (const bad of [
      "https://127.0.0.1/",
      "http://8.8.8.8/",
      "https://169.254.169.254/latest",
      "https://[::ffff:192.168.0.1]/",
      "https://user:password@shop.test/",
      "ftp://shop.test/",
      "shop.test",
      `https://shop.test/${"x".repeat(2_048)}`,
    ])
      expect(await refused({ url: bad }), bad).toEqual([400, "url"]);
    expect(await refused({})).toEqual([400, "url"]);
    for (const kinds of [[], ["final", "final"], ["none"], "final"]) expect(await refused({ url, kinds })).toEqual([400, "kinds"]);
    expect(await refused({ url, secret: "x" })).toEqual([400, "secret"]);
    expect((await operate("PUT", "/v1/tenants/nobody/webhook", { url })).status).toBe(404);
    expect((await operate("GET", "/v1/tenants/shop/webhook")).status).toBe(404);
    expect((await operate("PUT", "/v1/tenants/shop/webhook", { url: "http://10.1.2.3/" })).status).toBe(201);
  });

  it("gives way to that of the configuration", async () => {
    expect(await operate("PUT", "/v1/tenants/hooked/webhook", { url })).toMatchObject({
      status: 409,
      body: { errors: [{ fix: "the operator removes it from webhooks.tenants first" }] },
    });
    expect((await operate("POST", "/v1/tenants/hooked/webhook/rotate")).status).toBe(409);
    expect((await operate("GET", "/v1/tenants/hooked/webhook")).body).toMatchObject({ host: "hooked.test", secrets: 1, configured: true });
    expect((await operate("POST", "/v1/tenants/hooked/webhook/enable")).status).toBe(200);
  });
});

it("refuses a tenant's webhook if no key encrypts its secret", async () => {
  const { carillon, stop } = await startWithRoutes({ apiKeys });
  try {
    const ask = askerOf(() => carillon);
    await ask(keys.operations, "POST", "/v1/tenants", { id: "shop" });
    expect(await ask(keys.operations, "PUT", "/v1/tenants/shop/webhook", { url })).toMatchObject({
      status: 409,
      body: { errors: [{ fix: "the operator configures encryption.keys and encryption.active" }] },
    });
  } finally {
    await stop();
  }
}, 60_000);
