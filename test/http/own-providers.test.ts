import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../service/carillon.js";
import { apiKeys, asKey, call, keys, startWithRoutes } from "./walked-server.js";

interface Body {
  readonly detail: string;
  readonly errors: readonly { readonly field: string; readonly problem: string; readonly fix: string }[];
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

const encryption = { active: "main", keys: { main: { secret: Buffer.alloc(32, 7).toString("base64") } } };
const mail = {
  type: "smtp",
  options: { host: "mail.shop.test", username: "shop", limits: { perSecond: 5 } },
  secrets: { password: "correct horse" },
};
const sms = {
  type: "http",
  options: {
    url: "https://sms.shop.test/send",
    fields: { "messages[0].to": "{{ to }}", text: "{{ text }}" },
    auth: { kind: "bearer" },
    receipt: { states: { sent: { event: "delivered" } } },
  },
  secrets: { "auth.token": "battery staple", "callback.token": "a token of twenty characters" },
};

const askerOf = (server: () => Carillon) => async (key: string, method: string, path: string, body?: object) => {
  const answer = await call(server().url, method, path, asKey(key), body && JSON.stringify(body));
  return { status: answer.status, text: answer.text, body: (answer.text === "" ? {} : JSON.parse(answer.text)) as Body };
};

describe("providers of tenants' own", () => {
  let carillon: Carillon;
  let stop: () => Promise<void>;
  const ask = askerOf(() => carillon);
  const operate = (method: string, path: string, body?: object) => ask(keys.operations, method, path, body);
  beforeAll(async () => {
    ({ carillon, stop } = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 10_000 }, { encryption }));
    await operate("POST", "/v1/tenants", { id: "shop" });
  }, 60_000);
  afterAll(() => stop());

  const ofShop = (path: string): string => `/v1/tenants/shop${path}`;

  it("are set, listed without secrets, replaced and removed", async () => {
    expect(await operate("PUT", ofShop("/providers/mail"), mail)).toMatchObject({
      status: 201,
      body: { name: "mail", type: "smtp", channels: ["email"], options: mail.options, secrets: ["password"], callbackPath: null },
    });
    expect((await operate("PUT", ofShop("/providers/texts"), sms)).status).toBe(201);
    expect((await operate("PUT", ofShop("/providers/mail"), { ...mail, options: { host: "mx.shop.test" }, secrets: {} })).status).toBe(200);
    const listed = await operate("GET", ofShop("/providers"));
    expect(listed.body).toEqual({
      items: [
        { name: "mail", type: "smtp", channels: ["email"], options: { host: "mx.shop.test" }, secrets: [], callbackPath: null },
        {
          ...{ name: "texts", type: "http", channels: ["sms"], options: sms.options, secrets: ["auth.token", "callback.token"] },
          callbackPath: "/v1/callbacks/shop/texts",
        },
      ],
      cursor: null,
    });
    expect((await operate("DELETE", ofShop("/providers/mail"))).status).toBe(204);
    expect(await operate("DELETE", ofShop("/providers/mail"))).toMatchObject({ status: 404, body: { errors: [{ field: "name" }] } });
    const audit = await operate("GET", "/v1/audit?tenant=shop&limit=1000");
    expect(audit.body.items.map(({ action, target }) => `${action} ${target}`)).toEqual(
      expect.arrayContaining(["provider.set provider mail", "provider.set provider texts", "provider.remove provider mail"]),
    );
    for (const { text } of [listed, audit]) expect(text).not.toMatch(/correct horse|battery staple|a token of twenty|sealed:/);
  });

  it("are refused with the field and a fix", async () => {
    const fieldsOf = async (body: object): Promise<readonly string[]> => {
      const answer = await operate("PUT", ofShop("/providers/wrong"), body);
      expect(answer.status).toBe(400);
      for (const { fix } of answer.body.errors) expect(fix).not.toBe("");
      return answer.body.errors.map(({ field }) => field);
    };
    expect(await fieldsOf({})).toEqual(["type"]);
    expect(await fieldsOf({ ...mail, plan: "gold" })).toEqual(["plan"]);
    for (const type of ["ses", "sns", "smpp", "sandbox", "pigeon"]) expect(await fieldsOf({ type })).toEqual(["type"]);
    expect(await fieldsOf({ ...mail, options: { port: "25", hots: "a", proxy: "http://proxy.test" } })).toEqual(
      expect.arrayContaining(["options.port", "options.hots", "options.proxy"]),
    );
    expect(await fieldsOf({ ...mail, options: { ...mail.options, password: "correct horse" } })).toEqual(["options.password"]);
    expect(await fieldsOf({ ...mail, secrets: { host: "mail.shop.test" } })).toEqual(["secrets.host"]);
    expect(await fieldsOf({ ...mail, secrets: {} })).toEqual(["secrets.password"]);
    expect(await fieldsOf({ ...sms, options: { ...sms.options, url: "https://me:secret@sms.shop.test/" } })).toEqual(["options.url"]);
    expect(await fieldsOf({ ...sms, secrets: { "auth.token": "battery staple" } })).toEqual(["options.callback"]);
    expect(await fieldsOf({ ...sms, secrets: { ...sms.secrets, "callback.token": "short" } })).toContain("secrets.callback.token");
    // templates that would keep the thread of all tenants busy
    const withFields = (fields: object) => ({ ...sms, options: { ...sms.options, fields } });
    const loop = "{% for i in (1..1000) %}{{ text | upcase }}{% endfor %}";
    expect(await fieldsOf(withFields({ text: loop }))).toEqual(["options.fields.text"]);
    expect(await fieldsOf(withFields({ text: "{{ text | upcase }}".repeat(300) }))).toEqual(["options.fields.text"]);
    const many = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`f${index}`, "{{ text | upcase }}".repeat(100)]));
    expect(await fieldsOf(withFields(many))).toEqual(["options.fields"]);
    expect(await operate("PUT", ofShop("/providers/no%2Fslash"), mail)).toMatchObject({
      status: 400,
      body: { errors: [{ field: "name" }] },
    });
  });

  it("have routes, which name them or providers of the installation", async () => {
    for (const [name, body] of Object.entries({ one: mail, texts: sms })) await operate("PUT", ofShop(`/providers/${name}`), body);
    expect(await operate("PUT", ofShop("/routes/email"), { providers: ["one", "sandbox"] })).toMatchObject({
      status: 200,
      body: { channel: "email", providers: ["one", "sandbox"] },
    });
    const refused = async (channel: string, providers: readonly string[]) =>
      (await operate("PUT", ofShop(`/routes/${channel}`), { providers })).body.errors.map(({ field }) => field);
    expect(await refused("email", ["texts"])).toEqual(["providers"]);
    expect(await refused("email", ["ses"])).toEqual(["providers"]);
    expect(await refused("email", [])).toEqual(["providers"]);
    expect(await refused("email", ["one", "one"])).toEqual(["providers"]);
    expect(await refused("pigeons", ["one"])).toEqual(["channel"]);
    expect(await operate("DELETE", ofShop("/providers/one"))).toMatchObject({ status: 409, body: { errors: [{ field: "name" }] } });
    expect(await operate("PUT", ofShop("/providers/one"), sms)).toMatchObject({ status: 409, body: { errors: [{ field: "type" }] } });
    expect((await operate("GET", ofShop("/routes"))).body).toEqual({
      items: [{ channel: "email", providers: ["one", "sandbox"] }],
      cursor: null,
    });
    expect((await operate("DELETE", ofShop("/routes/email"))).status).toBe(204);
    expect((await operate("DELETE", ofShop("/routes/email"))).status).toBe(404);
    expect((await operate("DELETE", ofShop("/providers/one"))).status).toBe(204);
  });

  it("have a bound on their number", async () => {
    await operate("POST", "/v1/tenants", { id: "many" });
    for (let index = 0; index < 20; index += 1)
      expect((await operate("PUT", `/v1/tenants/many/providers/p${index}`, mail)).status).toBe(201);
    expect(await operate("PUT", "/v1/tenants/many/providers/p20", mail)).toMatchObject({ status: 409 });
    expect((await operate("PUT", "/v1/tenants/many/providers/p19", mail)).status).toBe(200);
  });

  it("keep messages of a test key in the sandbox", async () => {
    const made = await operate("POST", ofShop("/keys"), { scopes: ["send"], test: true });
    const { key } = made.body as unknown as { readonly key: string };
    const message = { channel: "email", to: "someone@example.com", content: { subject: "Hi", text: "Hi" } };
    expect((await ask(key, "POST", "/v1/messages", message)).status).toBe(202);
    await operate("PUT", ofShop("/providers/one"), mail);
    await operate("PUT", ofShop("/routes/email"), { providers: ["sandbox", "one"] });
    expect((await ask(key, "POST", "/v1/messages", message)).status).toBe(403);
    const batch = await ask(key, "POST", "/v1/messages/batch", { messages: [message] });
    expect(batch.text).toContain("test key");
    await operate("PUT", ofShop("/routes/email"), { providers: ["sandbox"] });
    expect((await ask(key, "POST", "/v1/messages", message)).status).toBe(202);
  });
});

describe("without keys that encrypt", () => {
  it("secrets of tenants are refused, and providers without secrets are not", async () => {
    const { carillon, stop } = await startWithRoutes({ apiKeys });
    try {
      const ask = askerOf(() => carillon);
      const put = (body: object) => ask(keys.operations, "PUT", "/v1/tenants/acme/providers/mail", body);
      expect(await put(mail)).toMatchObject({
        status: 409,
        body: { errors: [{ field: "secrets", fix: expect.stringContaining("encryption.keys") }] },
      });
      expect((await put({ type: "smtp", options: { host: "mail.shop.test" } })).status).toBe(201);
    } finally {
      await stop();
    }
  });
});
