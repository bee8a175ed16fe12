import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../service/carillon.js";
import type { AskedBody } from "./ask.js";
import { apiKeys, asKey, call, keys, startWithRoutes } from "./walked-server.js";

const encryption = { active: "main", keys: { main: { secret: Buffer.alloc(32, 7).toString("base64") } } };
const email = { channel: "email", to: "a@example.com", content: { subject: "Hi", text: "Hi" } };

describe("refused bodies", () => {
  let carillon: Carillon;
  let stop: () => Promise<void>;
  const ask = (method: string, path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    call(carillon.url, method, path, { ...asKey(keys.operations), ...headers }, body);
  beforeAll(async () => {
    ({ carillon, stop } = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 10_000 }, { encryption }));
    await ask("POST", "/v1/tenants", JSON.stringify({ id: "shop" }));
  }, 60_000);
  afterAll(() => stop());

  it.each([
    ["POST", "/keys", { scopes: ["send"], expiresAt: "2020-01-01T00:00:00Z" }, "expiresAt", "is in the past"],
    ["POST", "/keys", { scopes: ["send"], name: "\ud800" }, "name", "is not well-formed Unicode"],
    ["POST", "/keys", { scopes: ["send"], mode: "test" }, "mode", "is not a known field"],
    ["PATCH", "/settings", { perDay: 3 }, "perDay", "is not a known field"],
    ["PUT", "/providers/mail", { type: "smtp" }, "options.host", "is missing"],
    ["POST", "/token-keys", { kid: "k", jwksUrl: "https://keys.shop.test/set" }, "alg", "is missing"],
    ["PUT", "/webhook", { url: "file:///etc/passwd" }, "url", "is not an http or https URL"],
  ])("name the field: %s %s %j", async (method, path, body, field, problem) => {
    const { status, text } = await ask(method, `/v1/tenants/shop${path}`, JSON.stringify(body));
    expect(status).toBe(400);
    const { errors } = JSON.parse(text) as AskedBody;
    expect(errors).toEqual([{ field, problem, fix: expect.stringMatching(/^(give|leave|choose) /) }]);
  });

  it("name the channels that a member can have", async () => {
    await ask("PUT", "/v1/users/ann", "{}");
    await ask("PUT", "/v1/groups/news", "{}");
    const { text } = await ask("POST", "/v1/groups/news/members", JSON.stringify({ user: "ann", channels: ["fax"] }));
    const { errors } = JSON.parse(text) as AskedBody;
    expect(errors).toMatchObject([{ field: "channels.0", problem: "is not one of email, sms, push, http, device" }]);
  });

  it.each([
    ["/v1/users/import", "application/x-ndjson or text/csv", "application/json"],
    ["/v1/users/import", "application/x-ndjson or text/csv", "multipart/form-data; boundary=b"],
    ["/v1/groups/news/members", "application/json, application/x-ndjson or text/csv", "multipart/form-data; boundary=b"],
    ["/v1/messages", "application/json", "text/plain"],
    ["/v1/messages", "application/json", "nonsense"],
  ])("name the media types of %s: %s, not %s", async (path, accepted, type) => {
    const { status, text } = await ask("POST", path, "{}", { "content-type": type });
    expect(status).toBe(415);
    const { errors } = JSON.parse(text) as AskedBody;
    expect(errors).toMatchObject([{ field: "Content-Type", fix: `send ${accepted}` }]);
  });

  it("of a batch are not sent with a key for the whole batch, which would not hold", async () => {
    const batch = JSON.stringify({ messages: [email] });
    const { status, text } = await ask("POST", "/v1/messages/batch", batch, { "idempotency-key": "once" });
    expect(status).toBe(400);
    const { errors } = JSON.parse(text) as AskedBody;
    expect(errors).toEqual([
      { field: "Idempotency-Key", problem: "is for a single message", fix: expect.stringContaining("idempotencyKey") },
    ]);
  });
});
