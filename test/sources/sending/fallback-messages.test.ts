import { describe, expect, it } from "vitest";
import { setUpFallback, shop } from "../../processors/fallback-under-test.js";
import { outcomeOf } from "./sending-under-test.js";

const sms = "+14155550100";
const email = "success+ann@sandbox.carillon.test";
const content = { title: "Order", subject: "Order", text: "On its way" };
const steps = [
  { channel: "push" },
  { channel: "sms", unless: "delivered", afterMs: 600_000 },
  { channel: "email", unless: "opened", afterMs: 60_000 },
] as const;
const toAnn = { recipient: { user: "ann", fallback: steps }, content };

const started = async () => {
  const setUp = await setUpFallback();
  await setUp.put({ sms, email }, ["device-success", "device-flaky"]);
  const appends: (readonly string[])[] = [];
  const { log } = setUp.driver.stores;
  const { append } = log;
  Object.assign(log, {
    append: (records: Parameters<typeof append>[0]) => {
      appends.push(records.map(({ topic }) => topic.replace("carillon.", "")));
      return append(records);
    },
  });
  const plans = async () => {
    const { families, codecs } = setUp.driver.assembly;
    const records = await log.scan("carillon.fallbacks", 1_000);
    return Promise.all(records.map(({ value }) => codecs.of(families.fallbacks).decode(value)));
  };
  return { ...setUp, appends, plans };
};

describe("a message to a user with a fallback", () => {
  it("appends the first messages and the plan together, and answers with the messages of all steps", async () => {
    const { sending, appends, plans } = await started();
    const [taken] = await sending.take([toAnn], shop);
    expect(appends).toEqual([["requests.normal", "requests.normal", "fallbacks"]]);
    const [plan] = await plans();
    const messages = taken && "messages" in taken ? (taken.messages ?? []) : [];
    expect(messages.map(({ channel, step }) => [channel, step])).toEqual([
      ["push", 1],
      ["push", 1],
      ["sms", 2],
      ["email", 3],
    ]);
    expect(plan?.steps.flatMap(({ messageIds }) => messageIds)).toEqual(messages.map(({ id }) => id));
    expect(plan?.steps.map(({ unless, afterMs, requests }) => [unless, afterMs, requests.map(({ to }) => to)])).toEqual([
      [null, 0, []],
      ["delivered", 600_000, [sms]],
      ["opened", 60_000, [email]],
    ]);
    expect(plan?.steps[1]?.requests[0]).toMatchObject({ user: "ann", content: { text: "On its way", subject: null } });
    expect(plan?.steps.map(({ requests }) => requests[0]?.fallback?.unless)).toEqual([undefined, "opened", null]);
  });

  it("is checked for all steps, and refused with the field at fault", async () => {
    const { sending, appends } = await started();
    const refused = async (message: object) => (await sending.take([{ ...toAnn, ...message }], shop)).map(outcomeOf)[0];
    const recipient = (...fallback: readonly object[]) => ({ recipient: { user: "ann", fallback } });
    expect(await refused({ contents: { sms: { subject: "no text" } } })).toBe("invalid: contents.sms.text");
    expect(await refused(recipient({ channel: "push" }, { channel: "sms" }))).toBe("invalid: recipient.fallback.1");
    expect(await refused(recipient({ channel: "device" }))).toBe("invalid: recipient.fallback.0.channel");
    expect(await refused(recipient({ channel: "sms" }, { channel: "email", unless: "acked", afterMs: 1_000 }))).toBe(
      "invalid: recipient.fallback.1",
    );
    const file = { filename: "a.bin", contentType: "application/octet-stream", content: Buffer.alloc(720_000).toString("base64") };
    const large = { contents: { email: { ...content, attachments: [file] } } };
    expect(await refused(large)).toMatch(/^invalid: (recipient\.fallback|contents\.email)/);
    expect(appends).toEqual([]);
  });

  it("is a plain message if the user can be reached on one channel alone", async () => {
    const { sending, put, plans } = await started();
    await put({ email });
    const recipient = { user: "ann", fallback: [{ channel: "sms" }, { channel: "email", unless: "delivered", afterMs: 1_000 }] };
    const [taken] = await sending.take([{ ...toAnn, recipient }], shop);
    expect(taken).toMatchObject({ messages: [{ channel: "email" }], requests: [{ fallback: null }] });
    expect(await plans()).toEqual([]);
  });

  it("has the same ids and one plan under an idempotency key, whatever became of the addresses", async () => {
    const { sending, put, plans } = await started();
    const keyed = { ...toAnn, idempotencyKey: "order-7" };
    const [first] = await sending.take([keyed], shop);
    await put({ sms: "+14155550109" });
    const [second] = await sending.take([keyed], shop);
    expect(second).toMatchObject({ messages: first && "messages" in first ? first.messages : "none" });
    expect(await plans()).toHaveLength(1);
    const other = { ...keyed, recipient: { user: "ann", fallback: steps.slice(0, 2) } };
    expect((await sending.take([other], shop)).map(outcomeOf)).toEqual(["conflict: idempotencyKey"]);
  });

  it("appends the same plan again if the process ended before its answer", async () => {
    const { sending, put, plans, driver } = await started();
    const { claims } = driver.stores;
    const { complete } = claims;
    Object.assign(claims, { complete: () => Promise.reject(new Error("the process ended")) });
    const keyed = { ...toAnn, idempotencyKey: "order-7" };
    await expect(sending.take([keyed], shop)).rejects.toThrow("the process ended");
    Object.assign(claims, { complete });
    await put({ sms, email: "other@carillon.test" });
    await driver.advance(10_000);
    await sending.take([keyed], shop);
    const [first, again] = await plans();
    expect(again?.recipientId).toBe(first?.recipientId);
    // the new address was not among the chosen ones
    expect(again?.steps.flatMap(({ messageIds }) => messageIds)).toEqual(first?.steps.slice(0, 2).flatMap(({ messageIds }) => messageIds));
  });
});
