import { beforeEach, describe, expect, it } from "vitest";
import type { ConfigInput } from "../../config/schema.js";
import type { Provider, SendOutcome } from "../../processors/provider.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo, requestOf } from "../support/requests.js";

const down: SendOutcome = { kind: "temporary_failure", reason: "provider_unavailable", detail: "503" };
const silent: SendOutcome = { kind: "ambiguous", reason: "provider_timeout", detail: "no answer" };

describe("several providers of a channel, under the test driver", () => {
  let driver: DeliveryTestDriver;
  const sent: string[] = [];
  let answers: Readonly<Record<string, SendOutcome>>;
  const provider = (name: string): Provider => ({
    name,
    channel: "email",
    send: async ({ messageId, attempt }) => {
      sent.push(`${attempt} by ${name}`);
      return answers[name] ?? { kind: "delivered", providerMessageId: `${name}-${messageId}` };
    },
    healthCheck: async () => name,
    close: async () => undefined,
  });
  const start = (overrides: ConfigInput = {}): Promise<DeliveryTestDriver> =>
    createDeliveryTestDriver(
      {
        ...overrides,
        channels: {
          ...overrides.channels,
          email: { from: "a@carillon.test", providers: ["first", "second"], ...overrides.channels?.email },
        },
        providers: { first: { type: "smtp", ...overrides.providers?.first }, second: { type: "smtp", ...overrides.providers?.second } },
      } as never,
      { providers: (configured) => ({ ...configured, email: [provider("first"), provider("second")] }) },
    );
  beforeEach(async () => {
    sent.length = 0;
    answers = {};
    driver = await start();
  });
  const send = async (more: object = {}): Promise<string> => {
    const request = requestOf({ ...emailTo("someone"), ...more }, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    return request.id;
  };
  const steps = async (id: string): Promise<string[]> =>
    ((await driver.lineage(id))?.lineage ?? [])
      .filter(({ attempt }) => attempt > 0)
      .map(({ stage, outcome, attempt, provider: by }) => `${attempt} ${stage} ${outcome} ${by ?? ""}`.trim());

  it("has the next one take at once what the first cannot, and says so", async () => {
    answers = { first: down };
    const id = await send();
    expect(sent).toEqual(["1 by first", "2 by second"]);
    expect(await driver.lineage(id)).toMatchObject({ status: "delivered", attempts: 2, provider: "second" });
    expect(await steps(id)).toEqual([
      "1 dispatch temporary_failure first",
      "1 retry failed_over first",
      "2 dispatch ok second",
      "2 feedback delivered second",
    ]);
  });

  it("waits and starts over once all have failed it", async () => {
    answers = { first: down, second: down };
    const id = await send();
    expect(sent).toEqual(["1 by first", "2 by second"]);
    answers = {};
    await driver.advance(10_000);
    expect(sent).toEqual(["1 by first", "2 by second", "3 by first"]);
    expect(await driver.lineage(id)).toMatchObject({ status: "delivered", attempts: 3 });
  });

  it("makes no other provider try what is the recipient's fault", async () => {
    answers = { first: { kind: "temporary_failure", reason: "recipient_unavailable", detail: "mailbox full" } };
    await send();
    expect(sent).toEqual(["1 by first"]);
  });

  it("fails over after an ambiguous timeout only where the lane allows a possible duplicate", async () => {
    answers = { first: silent };
    await send();
    expect(sent).toEqual(["1 by first", "2 by second"]);
    sent.length = 0;
    driver = await start({ lanes: { normal: { onAmbiguous: "hold" } } });
    const held = await send();
    await driver.advance(60_000);
    expect(sent).toEqual(["1 by first"]);
    expect(await driver.lineage(held)).toMatchObject({ status: "dispatched", final: false });
  });

  it("does not ask a provider whose breaker is open, and a message that nobody can take waits without using up attempts", async () => {
    answers = { first: down, second: down };
    for (let messages = 0; messages < 6; messages += 1) await send({ idempotencyKey: `m${messages}` });
    sent.length = 0;
    const id = await send({ expiresAt: driver.clock.now() + 3_600_000 });
    expect(sent).toEqual([]);
    expect(await steps(id)).toEqual(["1 dispatch deferred"]);
    expect(await driver.lineage(id)).toMatchObject({ status: "queued", attempts: 0 });
    answers = {};
    await driver.advance(120_000);
    expect(await driver.lineage(id)).toMatchObject({ status: "delivered", attempts: 1 });
  });

  it("expires a message that nobody took in time", async () => {
    answers = { first: down, second: down };
    for (let messages = 0; messages < 6; messages += 1) await send({ idempotencyKey: `m${messages}` });
    const id = await send({ expiresAt: driver.clock.now() + 3_000 });
    await driver.advance(60_000);
    expect(await driver.lineage(id)).toMatchObject({ status: "expired", reason: "expired_before_send", attempts: 0 });
  });

  it("goes by retry numbers of the provider and of the kind of failure", async () => {
    const retryBy = { throttled: { baseMs: 30_000, maxAttempts: 2, jitter: 0 } };
    driver = await start({
      channels: { email: { providers: ["first"], retry: { baseMs: 1_000, jitter: 0 } } },
      providers: { first: { type: "smtp", retryBy } },
    } as never);
    answers = { first: { kind: "throttled", reason: "provider_throttled", detail: "429", ofRecipient: true } };
    const id = await send();
    await driver.advance(29_000);
    expect(sent).toEqual(["1 by first"]);
    await driver.advance(2_000);
    expect(sent).toEqual(["1 by first", "2 by first"]);
    expect(await driver.lineage(id)).toMatchObject({ status: "failed", reason: "attempts_exhausted" });
  });

  it("notes what an attempt cost, by the longest prefix and the parts of an SMS", async () => {
    const prices = [
      { mode: "credit", amount: 1 },
      { prefix: "+44", mode: "per_message", amount: 0.0407, currency: "GBP" },
    ];
    driver = await createDeliveryTestDriver({ providers: { sandbox: { prices } } } as never);
    const text = "x".repeat(200);
    const [usual, british] = [
      await send({ channel: "sms", to: "+14155550100", content: { text } }),
      await send({ channel: "sms", to: "+447400123456", content: { text } }),
    ];
    const cost = async (id: string) => (await driver.lineage(id))?.lineage.find(({ stage }) => stage === "dispatch")?.details;
    expect(await cost(usual)).toMatchObject({ cost: "2", costMode: "credit" });
    expect(await cost(british)).toMatchObject({ cost: "0.0814", costMode: "per_message", currency: "GBP" });
  });

  it("sends by the sender for the tenant and the country where a message names none", async () => {
    driver = await createDeliveryTestDriver({
      channels: {
        sms: {
          from: "+14155550000",
          senders: [
            { prefix: "+44", from: "CARILLON" },
            { tenant: "acme", from: "ACME" },
            { tenant: "acme", prefix: "+44", from: "ACMEUK" },
          ],
          allowSenders: [{ tenant: "acme", from: "OWN" }],
        },
      },
    } as never);
    const sms = { channel: "sms", content: { text: "Hi" } };
    for (const more of [
      { to: "+14155550100", tenant: "other" },
      { to: "+447400123456", tenant: "other" },
      { to: "+14155550100", tenant: "acme" },
      { to: "+447400123456", tenant: "acme" },
      { to: "+447400123456", tenant: "acme", from: "OWN" },
    ])
      await send({ ...sms, ...more });
    await driver.advance(1_000);
    expect(driver.delivered.map(({ from }) => from).sort()).toEqual(["+14155550000", "ACME", "ACMEUK", "CARILLON", "OWN"]);
  });

  it("moves what exceeds a tenant's quota of critical to high, and says so", async () => {
    driver = await createDeliveryTestDriver({ tenants: { criticalPerSecond: 1, criticalBurst: 2 } } as never);
    const ids: string[] = [];
    for (let messages = 0; messages < 4; messages += 1)
      ids.push(await send({ lane: "critical", idempotencyKey: `k${messages}`, tenant: "acme" }));
    ids.push(await send({ lane: "critical", idempotencyKey: "k", tenant: "other" }));
    await driver.advance(1_000);
    const documents = await Promise.all(ids.map((id) => driver.lineage(id)));
    expect(documents.map((document) => document?.lane)).toEqual(["critical", "critical", "high", "high", "critical"]);
    expect(documents[2]?.lineage.find(({ stage }) => stage === "route")).toMatchObject({
      reason: "critical_quota",
      details: { movedTo: "high" },
    });
    expect(documents.every((document) => document?.status === "delivered")).toBe(true);
  });

  it("suppresses a message to a disabled device, and tells the sender whose it was", async () => {
    answers = { first: { kind: "permanent_failure", reason: "endpoint_disabled", detail: "disabled" } };
    const id = await send();
    expect(await driver.lineage(id)).toMatchObject({ status: "suppressed", reason: "endpoint_disabled" });
    expect(await driver.read(driver.assembly.families.feedback)).toMatchObject([
      { status: "suppressed", to: "someone@sandbox.carillon.test" },
    ]);
  });
});
