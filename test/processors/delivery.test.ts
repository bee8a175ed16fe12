import { beforeEach, describe, expect, it } from "vitest";
import { lineageOf } from "../../processors/lineage-of.js";
import type { MessageRequested, ProviderReceipt } from "../../schemas/generated.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo, requestOf } from "../support/requests.js";
import { stepsOf } from "./steps-of.js";

describe("the delivery topology under the test driver", () => {
  let driver: DeliveryTestDriver;
  beforeEach(async () => {
    driver = await createDeliveryTestDriver({
      templates: { otp: { sms: { text: "Your code is {{ code }}" }, email: { subject: "Code", html: "<b>{{ code }}</b>" } } },
    });
  });
  const send = async (request: MessageRequested): Promise<string> => {
    await driver.pipe(driver.assembly.families.requests, request);
    return request.id;
  };
  const request = (input: Parameters<typeof requestOf>[0], more: Partial<MessageRequested> = {}) =>
    requestOf(input, driver.clock.now(), more);
  const receiptOf = (more: Partial<ProviderReceipt>): ProviderReceipt => ({
    receiptId: "r-1",
    channel: "email",
    provider: "sandbox",
    messageId: null,
    attempt: null,
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

  it("delivers, tells the sender once, and leaves no timer behind", async () => {
    const id = await send(request(emailTo("success")));
    expect((await driver.lineage(id))?.status).toBe("dispatched");
    await driver.advance(300);
    expect(await driver.lineage(id)).toMatchObject({ status: "delivered", final: true, attempts: 1, provider: "sandbox" });
    expect(await driver.read(driver.assembly.families.feedback)).toMatchObject([{ messageId: id, status: "delivered", kind: "final" }]);
    expect(driver.delivered).toMatchObject([{ messageId: id, content: { subject: "Hello", text: "Hi there" } }]);
    expect(await driver.stores.timers.pending()).toBe(0);
  });

  it("retries with growing delays and jitter that only adds", async () => {
    const id = await send(request(emailTo("flaky")));
    await driver.advance(999);
    expect((await driver.lineage(id))?.attempts).toBe(1);
    await driver.advance(201 + 2_400 + 300);
    const document = await driver.lineage(id);
    expect(document).toMatchObject({ status: "delivered", attempts: 3 });
    const [first = 0, second = 0, third = 0] =
      document?.lineage.filter(({ stage }) => stage === "dispatch").map(({ at }) => at.getTime()) ?? [];
    expect(second - first).toBeGreaterThanOrEqual(1_000);
    expect(second - first).toBeLessThanOrEqual(1_200);
    expect(third - second).toBeGreaterThanOrEqual(2_000);
    expect(third - second).toBeLessThanOrEqual(2_400);
  });

  it("gives up after the last allowed attempt", async () => {
    driver = await createDeliveryTestDriver({ channels: { email: { retry: { maxAttempts: 2 } } } });
    const id = await send(request(emailTo("flaky")));
    await driver.advance(60_000);
    expect(await driver.lineage(id)).toMatchObject({ status: "failed", reason: "attempts_exhausted", attempts: 2 });
    expect((await stepsOf(driver, id)).at(-1)).toBe("feedback 2 failed");
  });

  it("closes a silent message by the channel's deadline, and notes a delivery told later as late", async () => {
    const id = await send(request({ channel: "push", to: "device-silent", content: { text: "Hi" } }));
    await driver.advance(3_599_999);
    expect((await driver.lineage(id))?.final).toBe(false);
    await driver.advance(1);
    expect(await driver.lineage(id)).toMatchObject({ status: "expired", reason: "no_receipt" });
    await driver.pipe(driver.assembly.families.receipts, receiptOf({ channel: "push", providerMessageId: `sandbox-${id}-1` }));
    expect(await driver.lineage(id)).toMatchObject({ status: "expired", final: true });
    expect((await stepsOf(driver, id)).at(-1)).toBe("feedback 1 late");
    expect(await driver.read(driver.assembly.families.feedback)).toHaveLength(1);
  });

  it("has a receipt that comes before its send wait for it", async () => {
    const early = request(emailTo("silent"));
    await driver.pipe(driver.assembly.families.receipts, receiptOf({ providerMessageId: `sandbox-${early.id}-1` }));
    expect(await driver.stores.timers.pending()).toBe(1);
    await send(early);
    await driver.advance(1_000);
    expect(await driver.lineage(early.id)).toMatchObject({ status: "delivered" });
  });

  it("dead-letters a receipt that no message ever claims, after waiting, and never drops it", async () => {
    await driver.pipe(driver.assembly.families.receipts, receiptOf({ providerMessageId: "of nobody" }));
    await driver.advance(1_000 + 5_000 + 30_000 + 300_000 + 1_800_000);
    const letters = await driver.read(driver.assembly.families.deadLetters);
    expect(letters).toMatchObject([{ topic: "carillon.receipts.email", stage: "response_handle", errorCode: "UNKNOWN_RECEIPT" }]);
  });

  it("ignores a receipt that is told twice", async () => {
    const id = await send(request(emailTo("success")));
    await driver.advance(300);
    const before = await stepsOf(driver, id);
    await driver.pipe(
      driver.assembly.families.receipts,
      receiptOf({ receiptId: `sandbox-${id}-1:delivered`, providerMessageId: `sandbox-${id}-1` }),
    );
    expect(await stepsOf(driver, id)).toEqual(before);
  });

  it("takes a request that is redelivered as the same, and one that is sent again as a duplicate", async () => {
    const one = request(emailTo("success"));
    await send(one);
    await send(one);
    await driver.advance(300);
    expect(driver.delivered).toHaveLength(1);
    expect(await stepsOf(driver, one.id)).toContain("validate duplicate");
  });

  it("renders templates, escapes HTML, and counts the parts of an SMS", async () => {
    await send(request({ channel: "sms", to: "+14155550100", template: "otp", variables: { code: "42" } }));
    await send(request({ channel: "email", to: "success@sandbox.carillon.test", template: "otp", variables: { code: "<42>" } }));
    expect(driver.delivered.map(({ content }) => content)).toMatchObject([
      { text: "Your code is 42" },
      { subject: "Code", html: "<b>&lt;42&gt;</b>" },
    ]);
    const commands = await driver.read(driver.assembly.families.dispatch);
    expect(commands.map(({ segments }) => segments).sort()).toEqual([0, 1]);
  });

  it.each([
    ["an unknown channel", { channel: "pigeon" }, "unknown_channel"],
    ["an unknown lane", { lane: "urgent" }, "unknown_lane"],
    ["an invalid recipient", { to: "nobody" }, "invalid_recipient"],
    ["an unknown template", { template: "nothing" }, "unknown_template"],
    ["a missing variable", { template: "otp" }, "template_failed"],
    ["content without text", { content: { subject: "s", text: null, html: null, title: null, data: {} } }, "invalid_content"],
    ["an oversize body", { content: { subject: "s", text: "x".repeat(300_000), html: null, title: null, data: {} } }, "content_too_large"],
    ["an empty tenant", { tenant: "" }, "invalid_request"],
  ])("ends a request with %s as failed, with field and fix", async (_what, more, reason) => {
    const id = await send(request(emailTo("success"), more as Partial<MessageRequested>));
    const document = await driver.lineage(id);
    expect(document).toMatchObject({ status: "failed", final: true, reason });
    const last = document?.lineage.at(-1);
    expect(Object.keys(last?.details ?? {}).length).toBeGreaterThan(0);
    expect(driver.delivered).toEqual([]);
    expect(await driver.read(driver.assembly.families.feedback)).toHaveLength(1);
  });

  it("ends an expired request, and one that expires while it is queued or waits for a retry", async () => {
    const past = await send(request(emailTo("success"), { expiresAt: driver.clock.now() - 1 }));
    expect(await driver.lineage(past)).toMatchObject({ status: "expired", reason: "expired_before_send" });
    const waiting = await send(request(emailTo("flaky"), { expiresAt: driver.clock.now() + 500 }));
    expect(await driver.lineage(waiting)).toMatchObject({ status: "expired", reason: "expired_before_retry" });
  });

  it.each([9_000_000_000_000_000, -9_000_000_000_000_000])("is not held up by a request whose times are no times: %s", async (time) => {
    const late = await send(request(emailTo("success"), { acceptedAt: time }));
    expect((await driver.lineage(late))?.acceptedAt.getTime()).toBe(driver.clock.now());
    const wrong = await send(request(emailTo("success"), { expiresAt: time, notBefore: time }));
    expect(await driver.lineage(wrong)).toMatchObject({ status: "failed", reason: "invalid_request" });
    await driver.advance(300);
    expect(await driver.lineage(late)).toMatchObject({ status: "delivered" });
  });

  it("holds a message until its notBefore", async () => {
    const id = await send(request(emailTo("success"), { notBefore: driver.clock.now() + 60_000 }));
    expect(await driver.lineage(id)).toMatchObject({ status: "queued" });
    await driver.advance(59_999);
    expect(driver.delivered).toEqual([]);
    await driver.advance(1);
    expect(driver.delivered).toHaveLength(1);
  });

  it.each([
    ["bytes that are no record", () => Buffer.from("junk"), "UNDECODABLE"],
    ["an unknown schema id", () => Buffer.from([0, 0, 1, 0, 0, 2, 2]), "UNKNOWN_SCHEMA"],
    ["no value", () => null, "UNDECODABLE"],
  ])("dead-letters %s with its original bytes and goes on", async (_what, bytes, errorCode) => {
    const poison = bytes();
    await driver.pipeBytes("requests.high", poison);
    expect(await driver.read(driver.assembly.families.deadLetters)).toMatchObject([
      { topic: "carillon.requests.high", offset: 0, value: poison, stage: "decode", errorCode },
    ]);
    const id = await send(request({ ...emailTo("success"), lane: "high" }));
    expect((await driver.lineage(id))?.status).toBe("dispatched");
  });

  it("dead-letters a record of another type", async () => {
    const { lineage } = driver.assembly.families;
    const subject = { messageId: "m", tenant: "t", channel: "sms", lane: "high" };
    const event = lineageOf({ now: driver.clock.now, instance: "test" }, subject, { stage: "accept", outcome: "ok", attempt: 0 });
    const wrong = driver.assembly.codecs.of(lineage).encode(event);
    await driver.pipeBytes("requests.high", wrong);
    expect(await driver.read(driver.assembly.families.deadLetters)).toMatchObject([{ errorCode: "WRONG_TYPE" }]);
  });

  it("dead-letters a lineage event that no store can keep, and stores the others of its batch", async () => {
    const { lineage, deadLetters } = driver.assembly.families;
    const codec = driver.assembly.codecs.of(lineage);
    const subject = { messageId: "m", tenant: "t", channel: "sms", lane: "high" };
    const context = { now: driver.clock.now, instance: "foreign" };
    const good = lineageOf(context, subject, { stage: "accept", outcome: "accepted", status: "accepted", attempt: 0 });
    const events = [good, { ...good, eventId: "wrong", at: 9_000_000_000_000_000 }, { ...good, eventId: "next", messageId: "n" }];
    await driver.stores.log.append(events.map((event) => ({ topic: "carillon.lineage", key: "m", value: codec.encode(event) })));
    await driver.advance(0);
    expect(await driver.lineage("m")).toMatchObject({ lineage: [{ eventId: good.eventId }] });
    expect(await driver.lineage("n")).toBeDefined();
    expect(await driver.read(deadLetters)).toMatchObject([{ stage: "lineage-store", errorCode: "STAGE_FAILED", offset: 1 }]);
  });

  it("makes an id from the record's position where a sender gave none", async () => {
    await driver.pipe(driver.assembly.families.requests, { ...request(emailTo("success")), id: "" });
    await driver.pipe(driver.assembly.families.requests, { ...request(emailTo("success")), id: "" });
    const documents = await driver.stores.lineage.query("messages_email", {});
    expect(new Set(documents.map(({ _id }) => _id)).size).toBe(2);
  });
});
