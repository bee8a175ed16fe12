import { describe, expect, it } from "vitest";
import { keys } from "../../stores/keys.js";
import { minuteMs, pushThenSms, startedWith as started } from "./fallback-under-test.js";
import { stepsOf } from "./steps-of.js";

const sms = "+14155550100";

describe("a plan of another tenant", () => {
  it("is not ended by a message that names its recipient", async () => {
    const setUp = await started({ sms }, ["device-silent"]);
    const { fallbacks } = setUp.driver.assembly.families;
    await setUp.accept(pushThenSms("delivered"));
    const [planned] = await setUp.driver.read(fallbacks);
    if (!planned) throw new Error("there is no plan");
    await setUp.driver.pipe(fallbacks, { ...planned, tenant: "other", kind: "progress", messageId: "x", reached: "cancelled", steps: [] });
    await setUp.driver.advance(11 * minuteMs);
    expect(setUp.channels()).toEqual(["push", "sms"]);
  });
});

describe("events in any order and number", () => {
  it("a failure that is processed before the plan is not lost", async () => {
    const setUp = await started({ sms }, ["device-silent"]);
    const { fallbacks } = setUp.driver.assembly.families;
    const [push = ""] = await setUp.accept(pushThenSms("delivered"), { idempotencyKey: "one" });
    const [planned] = (await setUp.driver.read(fallbacks)).filter(({ kind }) => kind === "planned");
    if (!planned) throw new Error("there is no plan");
    const recipientId = "other-recipient";
    const progress = { ...planned, recipientId, kind: "progress", messageId: push, reached: "failed", user: null, steps: [] } as const;
    await setUp.driver.pipe(fallbacks, progress);
    await setUp.driver.pipe(fallbacks, { ...planned, recipientId });
    expect(await setUp.driver.stores.claims.decided(keys.claims.fallbackStep({ tenant: "shop", recipientId }, 2))).toBe(
      "send:failed:planned",
    );
    expect(setUp.channels()).toEqual(["push", "sms"]);
  });

  it("redelivered events change nothing", async () => {
    const setUp = await started({ sms }, ["device-bounce"]);
    const { fallbacks } = setUp.driver.assembly.families;
    const [, text = ""] = await setUp.accept(pushThenSms("delivered"));
    await setUp.driver.advance(minuteMs);
    const events = await setUp.driver.read(fallbacks);
    expect(events.map(({ kind, reached }) => reached ?? kind)).toEqual(["planned", "failed"]);
    for (const event of [...events, ...events]) await setUp.driver.pipe(fallbacks, event);
    await setUp.driver.advance(60 * minuteMs);
    expect(setUp.channels()).toEqual(["sms"]);
    expect(await stepsOf(setUp.driver, text)).toContain("feedback 1 delivered");
  });

  it("a plan that the cache lost becomes a dead letter when its step is due", async () => {
    const setUp = await started({ sms }, ["device-silent"]);
    await setUp.accept(pushThenSms("delivered"));
    const { cache } = setUp.driver.stores;
    const { getAll } = cache;
    await setUp.driver.advance(minuteMs);
    Object.assign(cache, { getAll: async (ids: readonly string[]) => ids.map(() => undefined) });
    await setUp.driver.advance(10 * minuteMs);
    Object.assign(cache, { getAll });
    expect(await setUp.driver.read(setUp.driver.assembly.families.deadLetters)).toMatchObject([{ stage: "fallback" }]);
  });
});
