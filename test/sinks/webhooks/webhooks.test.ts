import { Webhook } from "standardwebhooks";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ConfigInput } from "../../../config/schema.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../../service/delivery-test-driver.js";
import { enableWebhook, readWebhookState } from "../../../sinks/webhooks/endpoint.js";
import type { PostAnswer, Poster } from "../../../sinks/webhooks/post.js";
import { isWebhookSecret, signedHeaders } from "../../../sinks/webhooks/signature.js";
import { emailTo, requestOf } from "../../support/requests.js";

const secret = `whsec_${Buffer.from("a secret of 32 bytes for a test!").toString("base64")}`;
const [minuteMs, hourMs] = [60_000, 3_600_000];

interface Told {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

describe("webhooks", () => {
  const told: Told[] = [];
  let calls: number;
  let answer: (call: Told) => PostAnswer | Promise<PostAnswer>;
  let driver: DeliveryTestDriver;
  const poster: Poster = {
    post: async (url, headers, body) => {
      calls += 1;
      const reply = await answer({ url, headers, body });
      if (reply.status < 300) told.push({ url, headers, body });
      return reply;
    },
    close: () => undefined,
  };
  const start = (webhooks: ConfigInput["webhooks"] = {}): Promise<DeliveryTestDriver> =>
    createDeliveryTestDriver({ webhooks: { tenants: { acme: { url: "https://acme.test/hook", secret } }, ...webhooks } }, { poster });
  beforeEach(async () => {
    told.length = 0;
    calls = 0;
    answer = () => ({ status: 200, retryAfter: null });
    driver = await start();
  });
  const send = async (name: string, tenant = "acme", one = driver): Promise<string> => {
    const request = requestOf({ ...emailTo(name), tenant }, one.clock.now());
    await one.pipe(one.assembly.families.requests, request);
    return request.id;
  };
  /** Verified as by a receiver: with the independent library, at the time of the receiver's own clock. */
  const verified = ({ headers, body }: Told): Record<string, unknown> => {
    vi.setSystemTime(Number(headers["webhook-timestamp"]) * 1_000);
    try {
      return new Webhook(secret).verify(body, { ...headers }) as Record<string, unknown>;
    } finally {
      vi.useRealTimers();
    }
  };
  const steps = async (id: string, one = driver): Promise<string[]> =>
    ((await one.lineage(id))?.lineage ?? []).filter(({ stage }) => stage === "webhook").map(({ outcome }) => outcome);

  it("tells what became of a message, signed by the Standard Webhooks specification, and notes it in lineage", async () => {
    const id = await send("success");
    await driver.advance(1_000);
    expect(told).toHaveLength(1);
    expect(told[0] && verified(told[0])).toMatchObject({
      type: "message.delivered",
      data: { messageId: id, tenant: "acme", kind: "final", status: "delivered" },
    });
    expect(told[0]?.headers["webhook-id"]).toBe(`${id}:delivered`);
    expect(await steps(id)).toEqual(["posted"]);
  });

  it("tells engagement, and nobody who has no webhook or does not want it", async () => {
    await send("complaint");
    await send("success", "other");
    await driver.advance(2_000);
    expect(told.map((one) => verified(one).type).sort()).toEqual(["message.complained", "message.delivered"]);
    driver = await start({ tenants: { acme: { url: "https://acme.test/hook", secret, kinds: ["final"] } } });
    told.length = 0;
    await send("complaint");
    await driver.advance(2_000);
    expect(told.map((one) => verified(one).type)).toEqual(["message.delivered"]);
  });

  it("loses nothing while a receiver is down for an hour", async () => {
    answer = () => Promise.reject(new Error("connect ECONNREFUSED"));
    const ids: string[] = [];
    for (let minute = 0; minute < 60; minute += 1) {
      ids.push(await send("success"), await send("bounce"));
      await driver.advance(minuteMs);
    }
    expect(told).toEqual([]);
    // once the circuit is open, a receiver that is down is not called for each piece of feedback
    expect(calls).toBeLessThan(400);
    answer = () => ({ status: 204, retryAfter: null });
    for (let passed = 0; passed < 48 && told.length < ids.length; passed += 1) await driver.advance(30 * minuteMs);
    expect(told.map((one) => (verified(one).data as { messageId: string }).messageId).sort()).toEqual([...ids].sort());
    expect(new Set(told.map(({ headers }) => headers["webhook-id"])).size).toBe(ids.length);
    expect((await steps(ids[0] ?? "")).at(-1)).toBe("posted");
    expect(await driver.read(driver.assembly.families.deadLetters)).toEqual([]);
  });

  it("waits as long as a receiver's Retry-After asks", async () => {
    answer = () => ({ status: 503, retryAfter: "600" });
    await send("success");
    await driver.advance(599_000);
    expect(calls).toBe(1);
    answer = () => ({ status: 200, retryAfter: null });
    await driver.advance(30_000);
    expect(told).toHaveLength(1);
  });

  it("believes no Retry-After beyond webhooks.maxRetryAfterMs", async () => {
    driver = await start({ maxRetryAfterMs: 60_000 });
    answer = () => ({ status: 503, retryAfter: "31536000" });
    await send("success");
    await driver.advance(59_000);
    expect(calls).toBe(1);
    answer = () => ({ status: 200, retryAfter: null });
    await driver.advance(10_000);
    expect(told).toHaveLength(1);
  });

  it("signs by each secret of a tenant, and carries the trace of the message", async () => {
    const newer = `whsec_${Buffer.from("a newer secret of 32 bytes, wow!").toString("base64")}`;
    driver = await start({ tenants: { acme: { url: "https://acme.test/hook", secret: [newer, secret] } } });
    const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "vendor=1,other=2" };
    const request = { ...requestOf({ ...emailTo("success"), tenant: "acme" }, driver.clock.now()), ...trace };
    await driver.pipe(driver.assembly.families.requests, request);
    const own = await send("success");
    await driver.advance(1_000);
    expect(told.map((one) => verified(one).type)).toEqual(["message.delivered", "message.delivered"]);
    const [first, second] = [request.id, own].map((id) => told.find(({ headers }) => headers["webhook-id"] === `${id}:delivered`));
    expect(first?.headers).toMatchObject(trace);
    expect(second?.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(second?.headers).not.toHaveProperty("tracestate");
    expect(JSON.parse(first?.body ?? "").data).not.toHaveProperty("traceparent");
  });

  it("names the host that a receiver redirects to", async () => {
    answer = () => ({ status: 308, retryAfter: null, redirectsTo: "hooks.acme.test" });
    const id = await send("success");
    await driver.advance(1_000);
    const step = (await driver.lineage(id))?.lineage.find(({ stage }) => stage === "webhook");
    expect(step?.details.detail).toBe("the webhook returned 308, a redirect to hooks.acme.test, which Carillon does not follow");
  });

  it("keeps in dead-letters what it could not tell, after the last try", async () => {
    driver = await start({ retryDelaysMs: [1_000, 2_000] });
    answer = () => ({ status: 500, retryAfter: null });
    const id = await send("success");
    await driver.advance(minuteMs);
    expect(calls).toBe(3);
    expect(await steps(id)).toEqual(["failed", "failed"]);
    expect(await driver.read(driver.assembly.families.deadLetters)).toMatchObject([{ stage: "webhook", errorCode: "WEBHOOK_FAILED" }]);
  });

  it("is switched off after days of failure or by 410, says so, and is on again when asked", async () => {
    driver = await start({ disableAfterMs: 48 * hourMs, retryDelaysMs: Array(30).fill(2 * hourMs) });
    answer = () => ({ status: 500, retryAfter: null });
    await send("success");
    await driver.advance(60 * hourMs);
    expect(await readWebhookState(driver.stores.cells, "acme")).toMatchObject({
      disabledAt: expect.any(Number),
      lastFailure: "the webhook returned 500",
    });
    const before = calls;
    const missed = await send("success");
    await driver.advance(minuteMs);
    expect([calls, await steps(missed)]).toEqual([before, ["off"]]);
    await enableWebhook(driver.stores.cells, "acme");
    answer = () => ({ status: 410, retryAfter: null });
    await driver.advance(hourMs);
    await send("success");
    await driver.advance(minuteMs);
    expect(await readWebhookState(driver.stores.cells, "acme")).toMatchObject({
      disabledAt: expect.any(Number),
      lastFailure: "the webhook returned 410",
    });
  });

  it("does not tell what happened before it was configured", async () => {
    const request = requestOf({ ...emailTo("success"), tenant: "acme" }, driver.clock.now());
    const old = {
      feedbackId: "old:delivered",
      messageId: request.id,
      tenant: "acme",
      channel: "email",
      lane: "normal",
      kind: "final",
      status: "delivered",
      reason: null,
      attempt: 1,
      provider: null,
      providerMessageId: null,
      idempotencyKey: null,
      metadata: {},
      to: null,
      at: driver.clock.now() - hourMs,
      traceparent: null,
      tracestate: null,
    } as const;
    await driver.pipe(driver.assembly.families.feedback, old);
    await driver.advance(minuteMs);
    expect(calls).toBe(0);
  });
});

describe("a webhook's signature", () => {
  it("is signed as the specification's example is", () => {
    expect(isWebhookSecret(secret)).toBe(true);
    for (const weak of [
      "whsec_c2hvcnQ=",
      "",
      "whsec_",
      `whsec_${"!".repeat(60)}`,
      `${secret} `,
      `whsec_${Buffer.alloc(65).toString("base64")}`,
    ])
      expect(isWebhookSecret(weak), weak).toBe(false);
    const body = '{"test": 2432232314}';
    const headers = signedHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_000, body, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]);
    expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  it("is made by each secret while they are rotated, so that a receiver may hold any of them", () => {
    const older = `whsec_${Buffer.from("an older secret of 32 bytes, too").toString("base64")}`;
    const now = Date.now();
    const headers = signedHeaders("msg", now, "{}", [secret, older]);
    expect(headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
    for (const held of [secret, older]) expect(new Webhook(held).verify("{}", { ...headers })).toEqual({});
    const foreign = `whsec_${Buffer.from("a foreign secret of 32 bytes, ha").toString("base64")}`;
    expect(() => new Webhook(foreign).verify("{}", { ...headers })).toThrow();
  });
});
