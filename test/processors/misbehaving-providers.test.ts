import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Provider } from "../../processors/provider.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo, requestOf } from "../support/requests.js";

describe("a provider that misbehaves", () => {
  const withProvider = (send: Provider["send"], overrides: object = {}) =>
    createDeliveryTestDriver(overrides, {
      providers: (configured) => ({ ...configured, email: configured.email.map((provider) => ({ ...provider, name: "ill", send })) }),
    });

  it("and throws, leaves an ambiguous attempt that is made again", async () => {
    let calls = 0;
    const driver = await withProvider(async () => {
      calls += 1;
      if (calls === 1) throw new Error("connection reset");
      return { kind: "delivered", providerMessageId: null };
    });
    const one = requestOf(emailTo("success"), driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, one);
    await driver.advance(1_300);
    expect(await driver.lineage(one.id)).toMatchObject({ status: "delivered", attempts: 2 });
    expect((await driver.lineage(one.id))?.lineage.find(({ stage }) => stage === "dispatch")).toMatchObject({
      outcome: "ambiguous",
      reason: "provider_unavailable",
    });
  });

  it("and asks for a pause, is not called again before it has passed", async () => {
    const calls: number[] = [];
    const driver = await withProvider(async () => {
      calls.push(driver.clock.now());
      return calls.length === 1
        ? { kind: "throttled", reason: "provider_throttled", detail: "slow down", retryAfterMs: 45_000 }
        : { kind: "delivered", providerMessageId: null };
    });
    await driver.pipe(driver.assembly.families.requests, requestOf(emailTo("success"), driver.clock.now()));
    await driver.advance(120_000);
    expect((calls[1] ?? 0) - (calls[0] ?? 0)).toBeGreaterThanOrEqual(45_000);
  });

  it("and never recovers, ends the message within the cap on age", async () => {
    const driver = await withProvider(async () => ({ kind: "temporary_failure", reason: "provider_unavailable", detail: "down" }), {
      channels: { email: { retry: { maxAttempts: 1_000, maxAgeMs: 600_000 } } },
    });
    const one = requestOf(emailTo("success"), driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, one);
    await driver.advance(3_600_000);
    expect(await driver.lineage(one.id)).toMatchObject({ status: "failed", reason: "attempts_exhausted" });
    expect(await driver.stores.timers.pending()).toBe(0);
  });

  it("keeps the order of one recipient's messages", async () => {
    const sent: string[] = [];
    const driver = await withProvider(async (command) => {
      const text = command.content.text ?? "";
      for (let turns = (Number(text) * 7) % 5; turns > 0; turns -= 1) await turn();
      sent.push(text);
      return { kind: "delivered", providerMessageId: null };
    });
    const { requests } = driver.assembly.families;
    const texts = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all(
      texts.map((text) =>
        driver.stores.log.append([
          {
            topic: "carillon.requests.normal",
            key: "acme:success@sandbox.carillon.test",
            value: driver.assembly.codecs
              .of(requests)
              .encode(requestOf({ ...emailTo("success"), content: { subject: "s", text } }, driver.clock.now())),
          },
        ]),
      ),
    );
    await driver.advance(0);
    expect(sent).toEqual(texts);
  });
});
