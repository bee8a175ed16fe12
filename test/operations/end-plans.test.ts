import { describe, expect, it } from "vitest";
import { deadLettersOf } from "../../operations/dead-letters/delivery-letters.js";
import { eraseRecipient } from "../../operations/erasure.js";
import { callbacksOf } from "../../sources/callbacks.js";
import { keys } from "../../stores/keys.js";
import { minuteMs, pushThenSms, setUpFallback } from "../processors/fallback-under-test.js";

const sms = "+14155550100";

const started = async () => {
  const setUp = await setUpFallback();
  await setUp.put({ sms }, ["device-silent"]);
  const [push = ""] = await setUp.accept(pushThenSms("delivered"));
  const { config, driver } = setUp;
  const { assembly, stores, clock } = driver;
  const letters = deadLettersOf(config, stores, assembly, callbacksOf(config, assembly), clock);
  const erase = (whose: object) => eraseRecipient({ config, stores, assembly, letters, clock }, { tenant: "shop", waitMs: -1, ...whose });
  const kept = async (): Promise<string> => {
    const { recipientId = "" } = (await driver.lineage(push)) ?? {};
    return String(await stores.cache.get(keys.cache.plan({ tenant: "shop", recipientId })));
  };
  return { ...setUp, push, erase, kept };
};

describe("an erasure", () => {
  it.each([
    ["of the user", { user: "ann" }],
    ["of the address of the first step", { to: "device-silent" }],
    ["of the address of a later step", { to: sms }],
  ])("%s ends the plan: its next step is never sent, and its messages are kept no more", async (_name, whose) => {
    const { driver, erase, kept, channels } = await started();
    expect(await kept()).toContain(sms);
    await erase(whose);
    expect(await kept()).not.toContain(sms);
    expect(await kept()).not.toContain("On its way");
    await driver.advance(60 * minuteMs);
    expect(channels()).toEqual(["push"]);
    expect(await driver.read(driver.assembly.families.deadLetters)).toEqual([]);
  });

  it("is not undone by the plan if that is redelivered", async () => {
    const { driver, erase, kept, channels } = await started();
    const { fallbacks } = driver.assembly.families;
    const [planned] = await driver.read(fallbacks);
    await erase({ user: "ann" });
    if (planned) await driver.pipe(fallbacks, planned);
    expect(await kept()).not.toContain(sms);
    await driver.advance(60 * minuteMs);
    expect(channels()).toEqual(["push"]);
  });

  it("of another user leaves the plan as it is", async () => {
    const { driver, erase, channels } = await started();
    await erase({ user: "ben" });
    await driver.advance(60 * minuteMs);
    expect(channels()).toEqual(["push", "sms"]);
  });
});
