import { describe, expect, it } from "vitest";
import type { Provider } from "../../processors/provider.js";
import type { ProviderReceipt } from "../../schemas/generated.js";
import { minuteMs, pushThenSms, setUpFallback, startedWith as started } from "./fallback-under-test.js";

type SetUp = Awaited<ReturnType<typeof setUpFallback>>;

const sms = "+14155550100";
const failingSms = "+14155550101";

const receipt = ({ driver }: SetUp, id: string, more: Partial<ProviderReceipt>): Promise<void> =>
  driver.pipe(driver.assembly.families.receipts, {
    receiptId: `${id}:${more.event}`,
    channel: "push",
    provider: "sandbox",
    messageId: id,
    attempt: 1,
    providerMessageId: null,
    event: "delivered",
    reason: null,
    detail: null,
    retryAfterMs: null,
    at: driver.clock.now(),
    waits: 0,
    recipients: [],
    ...more,
  });

describe("the second step", () => {
  it("is not sent if the first message was delivered in time", async () => {
    const setUp = await started({ sms }, ["device-success"]);
    await setUp.accept(pushThenSms("delivered"));
    await setUp.driver.advance(minuteMs);
    expect(await setUp.driver.stores.timers.pending()).toBe(0);
    await setUp.driver.advance(20 * minuteMs);
    expect(setUp.channels()).toEqual(["push"]);
  });

  it("is sent when the time is over, once, and shows why", async () => {
    const setUp = await started({ sms }, ["device-silent"]);
    const [push = "", text = ""] = await setUp.accept(pushThenSms("delivered"));
    await setUp.driver.advance(10 * minuteMs - 1);
    expect(setUp.channels()).toEqual(["push"]);
    await setUp.driver.advance(minuteMs);
    expect(setUp.channels()).toEqual(["push", "sms"]);
    const [first, second] = [await setUp.driver.lineage(push), await setUp.driver.lineage(text)];
    expect(second).toMatchObject({ status: "delivered", user: "ann", to: sms, recipientId: first?.recipientId });
    expect(first?.lineage[0]?.details).toMatchObject({ recipientId: second?.recipientId, step: "1" });
    expect(second?.lineage[0]?.details).toMatchObject({ recipientId: second?.recipientId, step: "2", sentBecause: "overdue" });
    expect((second?.acceptedAt.getTime() ?? 0) - (first?.acceptedAt.getTime() ?? 0)).toBe(10 * minuteMs);
  });

  it("waits for a receipt of arrival, because acceptance is not enough, and a later one is recorded", async () => {
    const setUp = await started({ sms }, ["device-silent"]);
    const [push = ""] = await setUp.accept(pushThenSms("delivered"));
    await setUp.driver.advance(11 * minuteMs);
    expect(setUp.channels()).toEqual(["push", "sms"]);
    await receipt(setUp, push, {});
    expect(await setUp.driver.lineage(push)).toMatchObject({ status: "delivered" });
    await setUp.driver.advance(60 * minuteMs);
    expect(setUp.channels()).toEqual(["push", "sms"]);
  });

  it("is not sent once the provider accepted the first, if that is the condition", async () => {
    const setUp = await started({ sms }, ["device-silent"]);
    await setUp.accept(pushThenSms("accepted"));
    await setUp.driver.advance(30 * minuteMs);
    expect(setUp.channels()).toEqual(["push"]);
  });

  it("depends on an opening, which a delivery is not", async () => {
    const setUp = await started({ sms }, ["device-success"]);
    const [push = ""] = await setUp.accept(pushThenSms("opened"));
    await setUp.driver.advance(minuteMs);
    await receipt(setUp, push, { event: "opened" });
    await setUp.driver.advance(30 * minuteMs);
    expect(setUp.channels()).toEqual(["push"]);
    await setUp.accept(pushThenSms("opened"));
    await setUp.driver.advance(30 * minuteMs);
    expect(setUp.channels()).toEqual(["push", "push", "sms"]);
  });

  it("is sent at once when all messages of the first have failed, and not before", async () => {
    const setUp = await started({ sms }, ["device-a-bounce", "device-b-silent"]);
    const [, silent = ""] = await setUp.accept(pushThenSms("delivered"));
    await setUp.driver.advance(minuteMs);
    expect(setUp.channels()).toEqual(["push"]);
    await receipt(setUp, silent, { event: "permanent_failure", reason: "recipient_rejected" });
    await setUp.driver.advance(1);
    expect(setUp.channels()).toEqual(["push", "sms"]);
    await setUp.driver.advance(30 * minuteMs);
    expect(setUp.channels()).toEqual(["push", "sms"]);
  });

  it("is sent at once when the first request ends in intake", async () => {
    const setUp = await setUpFallback({ templates: { otp: { sms: { text: "Your code" } } } });
    await setUp.put({ sms }, ["device-success"]);
    const [push = "", text = ""] = await setUp.accept(pushThenSms("delivered"), { template: "otp", content: undefined });
    await setUp.driver.advance(minuteMs);
    expect(await setUp.driver.lineage(push)).toMatchObject({ status: "failed", reason: "unknown_template" });
    expect((await setUp.driver.lineage(text))?.lineage[0]?.details).toMatchObject({ sentBecause: "failed" });
    expect(setUp.channels()).toEqual(["sms"]);
  });

  it("counts from the time at which the first is due", async () => {
    const setUp = await started({ sms }, ["device-silent"]);
    await setUp.accept(pushThenSms("delivered"), { notBefore: setUp.driver.clock.now() + 60 * minuteMs });
    await setUp.driver.advance(69 * minuteMs);
    expect(setUp.channels()).toEqual(["push"]);
    await setUp.driver.advance(2 * minuteMs);
    expect(setUp.channels()).toEqual(["push", "sms"]);
  });

  it("is not sent if the first was cancelled", async () => {
    const setUp = await started({ sms }, ["device-silent"]);
    const [push = ""] = await setUp.accept(pushThenSms("delivered"));
    await setUp.driver.advance(minuteMs);
    const { recipientId = "" } = (await setUp.driver.lineage(push)) ?? {};
    const { fallbacks } = setUp.driver.assembly.families;
    const at = setUp.driver.clock.now();
    const cancelled = {
      recipientId,
      tenant: "shop",
      step: 1,
      messageId: push,
      reached: "cancelled",
      at,
      untilMs: at,
      user: null,
      steps: [],
    };
    await setUp.driver.pipe(fallbacks, { ...cancelled, kind: "progress" });
    await setUp.driver.advance(30 * minuteMs);
    expect(setUp.channels()).toEqual(["push"]);
  });
});

describe("a provider that answers at once that it delivered", () => {
  it("has only accepted the message, for a fallback", async () => {
    const push: Provider = {
      name: "sandbox",
      channel: "push",
      send: async ({ messageId }) => ({ kind: "delivered", providerMessageId: messageId }),
      healthCheck: async () => "ready",
      close: async () => undefined,
    };
    for (const [unless, channels] of [
      ["accepted", []],
      ["delivered", ["sms"]],
    ] as const) {
      const setUp = await setUpFallback({}, { providers: (configured) => ({ ...configured, push: [push] }) });
      await setUp.put({ sms }, ["device-success"]);
      const [first = ""] = await setUp.accept(pushThenSms(unless));
      expect(await setUp.driver.lineage(first)).toMatchObject({ status: "delivered" });
      await setUp.driver.advance(11 * minuteMs);
      expect(setUp.channels()).toEqual(channels);
    }
  });
});

describe("a plan of three steps", () => {
  const steps = [
    { channel: "push" },
    { channel: "sms", unless: "delivered", afterMs: 10 * minuteMs },
    { channel: "email", unless: "delivered", afterMs: 5 * minuteMs },
  ];
  const email = "success+ann@sandbox.carillon.test";

  it("sends each step after the time since the one before", async () => {
    const setUp = await started({ sms: "+14155550103", email }, ["device-silent"]);
    await setUp.accept(steps);
    await setUp.driver.advance(15 * minuteMs - 1);
    expect(setUp.channels()).toEqual(["push", "sms"]);
    await setUp.driver.advance(minuteMs);
    expect(setUp.channels()).toEqual(["push", "sms", "email"]);
  });

  it("ends with a late delivery of the first", async () => {
    const setUp = await started({ sms: "+14155550103", email }, ["device-silent"]);
    const [push = ""] = await setUp.accept(steps);
    await setUp.driver.advance(11 * minuteMs);
    await receipt(setUp, push, {});
    await setUp.driver.advance(60 * minuteMs);
    expect(setUp.channels()).toEqual(["push", "sms"]);
  });

  it("tries all at once if all fail", async () => {
    const setUp = await started({ sms: failingSms, email }, ["device-bounce"]);
    const ids = await setUp.accept(steps);
    await setUp.driver.advance(minuteMs);
    expect(setUp.channels()).toEqual(["email"]);
    const statuses = await Promise.all(ids.map(async (id) => (await setUp.driver.lineage(id))?.status));
    expect(statuses).toEqual(["failed", "failed", "delivered"]);
  });

  it("leaves out channels without an address", async () => {
    const setUp = await started({ email }, ["device-silent"]);
    expect(await setUp.accept(steps)).toHaveLength(2);
    await setUp.driver.advance(6 * minuteMs);
    expect(setUp.channels()).toEqual(["push", "email"]);
  });
});
