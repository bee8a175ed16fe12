import { describe, expect, it } from "vitest";
import { idFromKey } from "../../../client/complete-message.js";
import type { Taken } from "../../../sources/sending/sending.js";
import { keys } from "../../../stores/keys.js";
import { outcomeOf, setUpSending } from "./sending-under-test.js";

const shop = { tenant: "shop", isOperator: false, isTest: false } as const;
const content = { subject: "Your order", title: "Order", text: "It is on its way" };
const toAnn = { recipient: { user: "ann" }, content };
const address = { email: "ann@example.com", sms: "+14155550100" };

const idsOf = (taken: Taken | undefined): readonly string[] =>
  taken && "messages" in taken ? (taken.messages ?? []).map(({ id }) => id) : [];

describe("a message to a user", () => {
  it("goes to all devices, or to the first channel with an address, with the parts of that channel", async () => {
    const { sending, put, requests } = setUpSending();
    await put("ann", { addresses: address }, ["device-success", "device-flaky"]);
    await put("ben", { addresses: address });
    const [ann, ben] = await sending.take([toAnn, { ...toAnn, recipient: { user: "ben" } }], shop);
    expect(requests.map(({ user, channel, to }) => [user, channel, to])).toEqual([
      ["ann", "push", "device-success"],
      ["ann", "push", "device-flaky"],
      ["ben", "email", "ann@example.com"],
    ]);
    expect(requests[0]?.content).toMatchObject({ title: "Order", text: "It is on its way", subject: null });
    expect(requests[2]?.content).toMatchObject({ subject: "Your order", title: null });
    expect(ann).toMatchObject({ id: requests[0]?.id, warnings: [], messages: [{ channel: "push" }, { channel: "push" }] });
    expect(ben).toMatchObject({ id: requests[2]?.id, messages: [{ id: requests[2]?.id, channel: "email" }] });
  });

  it("prefers the given channels, and takes a channel's own content", async () => {
    const { sending, put, requests } = setUpSending();
    await put("ann", { addresses: address });
    await sending.take(
      [{ recipient: { user: "ann", channels: ["push", "sms"] }, content, contents: { sms: { text: "On its way" } } }],
      shop,
    );
    expect(requests).toMatchObject([{ channel: "sms", to: "+14155550100", content: { text: "On its way", subject: null } }]);
  });

  it("gives a template the user's locale and time zone, unless the message has them", async () => {
    const { sending, put, requests } = setUpSending();
    await put("ann", { addresses: address, locale: "it-IT", timeZone: "Europe/Rome" });
    const message = { recipient: { user: "ann" }, template: "shipped" };
    await sending.take([message, { ...message, variables: { number: 7, locale: "en" } }], shop);
    expect(requests.map(({ variables }) => variables)).toMatchObject([
      { locale: "it-IT", timeZone: "Europe/Rome" },
      { locale: "en", timeZone: "Europe/Rome", number: 7 },
    ]);
  });

  it("gives a template the tenant's locale and time zone for a user without them", async () => {
    const { sending, put, requests } = setUpSending({ locale: "pt-BR", timeZone: "America/Recife" });
    await put("ann", { addresses: address, locale: "it-IT" });
    await put("ben", { addresses: address });
    const message = { template: "shipped", variables: { number: 7 } };
    await sending.take(
      [
        { ...message, recipient: { user: "ann" } },
        { ...message, recipient: { user: "ben" } },
      ],
      shop,
    );
    await sending.take([{ recipient: { user: "ben" }, content: { subject: "Hi", text: "Hi" } }], shop);
    expect(requests.map(({ variables }) => variables)).toEqual([
      { locale: "it-IT", timeZone: "America/Recife", number: 7 },
      { locale: "pt-BR", timeZone: "America/Recife", number: 7 },
      {},
    ]);
  });

  it("is refused with each field at fault, and appends nothing", async () => {
    const { sending, put, appends } = setUpSending();
    await put("ann", { addresses: { email: null, sms: "+14155550100" } });
    await put("nowhere");
    const refused = async (message: object) => (await sending.take([message], shop)).map(outcomeOf)[0];
    expect(await refused({ ...toAnn, recipient: { user: "carl" } })).toBe("unknown: recipient.user");
    expect(await refused({ ...toAnn, recipient: { user: "nowhere" } })).toBe("unreachable: recipient.user");
    expect(await refused({ ...toAnn, recipient: { user: "ann", channels: ["pigeon"] } })).toBe("invalid: recipient.channels.0");
    expect(await refused({ ...toAnn, recipient: "ann" })).toBe("invalid: recipient");
    expect(await refused({ ...toAnn, to: "ann@example.com" })).toBe("invalid: to");
    expect(await refused({ recipient: { user: "ann" } })).toBe("invalid: content.text");
    expect(await refused({ recipient: { user: "ann" }, contents: { sms: { subject: "no text" } } })).toBe("invalid: contents.sms.text");
    expect(await refused({ ...toAnn, tenant: "other" })).toBe("forbidden: tenant");
    expect(appends).toEqual([]);
  });

  it("names why each channel cannot be used", async () => {
    const { sending, put } = setUpSending();
    await put("ann", { addresses: { email: null, sms: "+4412" } });
    const [taken] = await sending.take([{ ...toAnn, recipient: { user: "ann", channels: ["sms", "email"] } }], shop);
    expect(taken).toMatchObject({
      cause: "unreachable",
      errors: [{ problem: "has no usable address on sms" }, { problem: "has no address on email" }],
    });
  });

  it("finds users of its own tenant alone", async () => {
    const { sending, put } = setUpSending();
    await put("ann", { addresses: address });
    const taken = await sending.take([toAnn, { ...toAnn, tenant: "ü".repeat(128) }], { ...shop, tenant: "other", isOperator: true });
    expect(taken.map(outcomeOf)).toEqual(["unknown: recipient.user", "unknown: recipient.user"]);
  });
});

describe("a message to a user with an idempotency key", () => {
  const keyed = { ...toAnn, idempotencyKey: "order-7" };

  it("is answered again as before, also after the user's addresses changed", async () => {
    const { sending, put, directory, appends } = setUpSending();
    await put("ann", { addresses: address });
    const [first] = await sending.take([keyed], shop);
    await put("ann", { addresses: { email: "new@example.com", sms: null } }, ["device-success"]);
    const [second] = await sending.take([keyed], shop);
    await directory.forget([{ tenant: "shop", id: "ann" }]);
    const [third] = await sending.take([keyed], shop);
    expect(idsOf(first)).toHaveLength(1);
    expect([idsOf(second), idsOf(third)]).toEqual([idsOf(first), idsOf(first)]);
    expect(appends).toEqual([["shop ann@example.com"]]);
  });

  it("conflicts with another body under the key, to a user or to an address", async () => {
    const { sending, put } = setUpSending();
    await put("ann", { addresses: address });
    const plain = { channel: "push", to: "device-success", content: { text: "Hi" }, idempotencyKey: "plain" };
    await sending.take([keyed, plain], shop);
    const again = await sending.take(
      [
        { ...keyed, content: { ...content, text: "other" } },
        { ...plain, idempotencyKey: "order-7" },
        { ...keyed, idempotencyKey: "plain" },
      ],
      shop,
    );
    expect(again.map(outcomeOf)).toEqual(Array(3).fill("conflict: idempotencyKey"));
  });

  it("is the same in any form", async () => {
    const { sending, put, appends, clock } = setUpSending();
    await put("ann", { addresses: address });
    const at = clock.now() + 3_600_000;
    const notBefore = new Date(at).toISOString().replace("Z", "+00:00");
    await sending.take([{ ...keyed, notBefore: at, metadata: { a: "1", b: "2" } }], shop);
    const other = { idempotencyKey: "order-7", metadata: { b: "2", a: "1" }, notBefore, lane: "normal", ...toAnn };
    expect((await sending.take([other], shop)).map((one) => "cause" in one)).toEqual([false]);
    expect(appends).toHaveLength(1);
  });

  it("is refused while the first request is in flight, and taken over if that was never answered", async () => {
    const { sending, put, hinder, clock, requests } = setUpSending();
    await put("ann", { addresses: address });
    let proceed = (): void => undefined;
    const blocked = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    let reached = (): void => undefined;
    const appending = new Promise<void>((resolve) => {
      reached = resolve;
    });
    hinder(() => {
      reached();
      return blocked;
    });
    const first = sending.take([keyed], shop);
    await appending;
    expect(await sending.take([keyed], shop)).toMatchObject([{ cause: "in_flight", retryAfterMs: 10_000 }]);
    hinder(undefined);
    await clock.advance(10_000);
    const [second] = await sending.take([keyed], shop);
    proceed();
    expect(idsOf((await first)[0])).toEqual(idsOf(second));
    expect(new Set(requests.map(({ id }) => id)).size).toBe(1);
  });

  it("appends the same messages again if the process ended before its answer, although the user has further addresses", async () => {
    const { sending, put, hinder, clock, requests } = setUpSending();
    await put("ann", { addresses: address });
    hinder(() => Promise.reject(new Error("the process ended")));
    await expect(sending.take([keyed], shop)).rejects.toThrow("the process ended");
    hinder(undefined);
    await put("ann", { addresses: address }, ["device-success"]);
    await clock.advance(10_000);
    await sending.take([keyed], shop);
    expect(requests.map(({ to }) => to)).toEqual(["ann@example.com"]);
  });

  it("chooses again after such an end if the user has none of the chosen addresses any more", async () => {
    const { sending, put, hinder, clock, requests } = setUpSending();
    await put("ann", { addresses: address });
    hinder(() => Promise.reject(new Error("the process ended")));
    await expect(sending.take([keyed], shop)).rejects.toThrow();
    hinder(undefined);
    await put("ann", { addresses: { email: "new@example.com", sms: null } });
    await clock.advance(10_000);
    const [taken] = await sending.take([keyed], shop);
    expect(requests.map(({ to }) => to)).toEqual(["new@example.com"]);
    expect(idsOf(taken)).toEqual(requests.map(({ id }) => id));
  });

  it("does not use up the key if it is refused", async () => {
    const { sending, put } = setUpSending();
    const [early] = await sending.take([keyed], shop);
    await put("ann", { addresses: address });
    const [late] = await sending.take([{ ...keyed, content: { ...content, text: "corrected" } }], shop);
    expect([early && outcomeOf(early), late && outcomeOf(late)]).toEqual(["unknown: recipient.user", "ann@example.com"]);
  });

  it("keeps no address with its answer, and at most 4 KB", async () => {
    const { sending, put, claims } = setUpSending();
    await put(
      "ann",
      {},
      Array.from({ length: 50 }, (_, index) => `device-success-${index}`),
    );
    const [taken] = await sending.take([keyed], shop);
    expect(idsOf(taken)).toHaveLength(50);
    const id = idFromKey("shop", "order-7");
    const kept = [await claims.recorded(keys.claims.answer(id)), await claims.decided(keys.claims.choice(id))];
    for (const text of kept) {
      expect(text).not.toContain("device-success");
      expect(Buffer.byteLength(text ?? "")).toBeLessThanOrEqual(4_096);
    }
  });
});
