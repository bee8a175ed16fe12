import { Webhook } from "standardwebhooks";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ConfigInput } from "../../../config/schema.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../../service/delivery-test-driver.js";
import type { PostAnswer, Poster } from "../../../sinks/webhooks/post.js";
import { createPoster } from "../../../sinks/webhooks/post.js";
import { isWebhookSecret, signedHeaders } from "../../../sinks/webhooks/signature.js";
import { enableWebhook, readWebhookState } from "../../../sinks/webhooks/webhooks.js";
import { startHttpPeer } from "../../support/http-peer.js";
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
  /** Verified as a receiver would: by the independent library, at the time of the receiver's own clock. */
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
    expect(await steps(id)).toEqual(["told"]);
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
    // once the breaker is open a receiver that is down is not called for each piece of news
    expect(calls).toBeLessThan(400);
    answer = () => ({ status: 204, retryAfter: null });
    for (let passed = 0; passed < 48 && told.length < ids.length; passed += 1) await driver.advance(30 * minuteMs);
    expect(told.map((one) => (verified(one).data as { messageId: string }).messageId).sort()).toEqual([...ids].sort());
    expect(new Set(told.map(({ headers }) => headers["webhook-id"])).size).toBe(ids.length);
    expect((await steps(ids[0] ?? "")).at(-1)).toBe("told");
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
      lastFailure: "it answers 500",
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
      lastFailure: "it answers 410",
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
      responseId: null,
      idempotencyKey: null,
      metadata: {},
      to: null,
      at: driver.clock.now() - hourMs,
    } as const;
    await driver.pipe(driver.assembly.families.feedback, old);
    await driver.advance(minuteMs);
    expect(calls).toBe(0);
  });
});

describe("a webhook's call", () => {
  it("goes to no private address, whatever its name resolves to, and follows no redirect", async () => {
    const peer = await startHttpPeer((response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end());
    const signal = AbortSignal.timeout(5_000);
    const strict = createPoster(false);
    for (const url of [
      peer.url,
      peer.url.replace("127.0.0.1", "localhost"),
      "http://169.254.169.254/latest/meta-data",
      "http://[::1]:80/",
      "http://10.0.0.1/",
      "http://0.0.0.0/",
    ])
      await expect(strict.post(url, {}, "{}", signal), url).rejects.toThrow(/not allowed/);
    expect(peer.calls).toEqual([]);
    const open = createPoster(true);
    expect(await open.post(peer.url, { "webhook-id": "w" }, "{}", signal)).toEqual({ status: 302, retryAfter: null });
    expect(peer.calls).toHaveLength(1);
    await expect(open.post("ftp://carillon.test/", {}, "{}", signal)).rejects.toThrow("ftp:");
    strict.close();
    open.close();
    await peer.stop();
  });

  it("is signed as the specification's example is", () => {
    expect(isWebhookSecret(secret)).toBe(true);
    expect(isWebhookSecret("whsec_c2hvcnQ=")).toBe(false);
    const body = '{"test": 2432232314}';
    const headers = signedHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_000, body, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });
});
