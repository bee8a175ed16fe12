import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../service/carillon.js";
import { createAsk } from "./ask.js";
import { apiKeys, asKey, call, keys, startWithRoutes } from "./walked-server.js";

const message = { channel: "email", to: "someone@sandbox.carillon.test", content: { subject: "Hi", text: "Hi" } };

describe("the limits of a tenant", () => {
  let carillon: Carillon;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ carillon, stop } = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 10_000 }));
  }, 60_000);
  afterAll(() => stop());

  const ask = createAsk(() => carillon.url);
  const tenantWith = async (id: string, settings: object): Promise<string> => {
    await ask(keys.operations, "POST", "/v1/tenants", { id });
    const { body } = await ask(keys.operations, "POST", `/v1/tenants/${id}/keys`, { scopes: ["send", "read", "manage"] });
    expect((await ask(keys.operations, "PATCH", `/v1/tenants/${id}/settings`, settings)).status).toBe(200);
    return body.key;
  };
  const post = (key: string, path: string, body: object) => call(carillon.url, "POST", path, asKey(key), JSON.stringify(body));
  const send = (key: string) => post(key, "/v1/messages", message);

  it("hold its requests to their rate, and no other tenant's", async () => {
    // so slow that nothing refills during the test
    const limited = await tenantWith("slow", { rates: { requestsPerSecond: 0.01 } });
    const free = await tenantWith("free", {});
    const first = await call(carillon.url, "GET", "/v1/audit", asKey(limited));
    expect(first).toMatchObject({
      status: 200,
      headers: { "ratelimit-policy": '"requests";q=1;w=100', ratelimit: '"requests";r=0;t=100' },
    });
    const second = await call(carillon.url, "GET", "/v1/audit", asKey(limited));
    expect(second).toMatchObject({
      status: 429,
      headers: { "ratelimit-policy": '"requests";q=1;w=100', "retry-after": expect.stringMatching(/^(99|100)$/) },
    });
    expect(JSON.parse(second.text)).toMatchObject({ status: 429, detail: expect.stringContaining("1 requests per 100 seconds") });
    expect((await send(limited)).status).toBe(429);
    for (let round = 0; round < 3; round += 1) {
      const { status, headers } = await call(carillon.url, "GET", "/v1/audit", asKey(free));
      expect([status, headers.ratelimit]).toEqual([200, undefined]);
    }
    expect((await call(carillon.url, "GET", "/metrics")).text).toMatch(/carillon_requests_limited_total\{?.*\}? 2/);
    // an operator lifts the limit, which applies at once
    await ask(keys.operations, "PATCH", "/v1/tenants/slow/settings", { rates: null });
    expect((await call(carillon.url, "GET", "/v1/audit", asKey(limited))).status).toBe(200);
  });

  it("hold its messages to a quota of the day, also those of an operator for it", async () => {
    const key = await tenantWith("daily", { quotas: { messagesPerDay: 3 } });
    expect((await send(key)).status).toBe(202);
    const forIt = await post(keys.operations, "/v1/messages", { ...message, tenant: "daily" });
    expect(forIt.status).toBe(202);
    const batch = await post(key, "/v1/messages/batch", { messages: [message, message, { ...message, to: "no address" }] });
    expect(JSON.parse(batch.text)).toMatchObject({
      results: [{ id: expect.any(String) }, { errors: [{ field: "tenant", problem: expect.stringContaining("3 messages per day") }] }, {}],
    });
    expect(batch).toMatchObject({ status: 200, headers: { "ratelimit-policy": '"messages-per-day";q=3;w=86400' } });
    const refused = await send(key);
    expect(refused).toMatchObject({ status: 429, headers: { ratelimit: expect.stringMatching(/^"messages-per-day";r=0;t=\d+$/) } });
    const seconds = Number(refused.headers["retry-after"]);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(86_400);
    expect(JSON.parse(refused.text)).toMatchObject({ errors: [{ field: "tenant", fix: expect.stringContaining(`${seconds} seconds`) }] });
    expect((await post(keys.operations, "/v1/messages", { ...message, tenant: "daily" })).status).toBe(429);
    expect((await send(keys.acme)).status).toBe(202);
  });

  it("name each limit that an answer is about", async () => {
    const key = await tenantWith("both", { rates: { requestsPerSecond: 100, messagesPerSecond: 0.01 } });
    expect((await send(key)).headers["ratelimit-policy"]).toBe('"requests";q=100;w=1');
    expect(await send(key)).toMatchObject({ status: 429, headers: { "ratelimit-policy": '"requests";q=100;w=1, "messages";q=1;w=100' } });
  });
});
