import { describe, expect, it } from "vitest";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo, requestOf } from "../support/requests.js";
import { stepsOf } from "./steps-of.js";

describe("an attempt whose worker ended between claim and outcome", () => {
  const claimOf = (id: string): string => `claim:${id}:1`;
  const start = async (onAmbiguous: "resend" | "hold") => {
    const driver = await createDeliveryTestDriver({ lanes: { normal: { onAmbiguous } } });
    const one = requestOf(emailTo("success"), driver.clock.now());
    await driver.stores.claims.claim(claimOf(one.id), "another worker", 15_000, 3_600_000);
    await driver.pipe(driver.assembly.families.requests, one);
    return { driver, id: one.id };
  };

  it("is not sent while the other's lease runs", async () => {
    const { driver } = await start("resend");
    await driver.advance(14_000);
    expect(driver.delivered).toEqual([]);
  });

  it("is sent again by the policy resend, and its lineage says so", async () => {
    const { driver, id } = await start("resend");
    await driver.advance(16_000);
    expect(driver.delivered).toHaveLength(1);
    expect(await stepsOf(driver, id)).toContain("dispatch 1 resent");
    expect(await driver.lineage(id)).toMatchObject({ status: "delivered" });
  });

  it("counts as made once its workers have ended again and again, so that retries are bounded", async () => {
    const { driver, id } = await start("resend");
    // each takeover is a worker that ended with the message, as one whose provider's code exits
    for (const count of [1, 2]) await driver.stores.claims.decide(`takeover:${id}:1:${count}`, `an earlier worker ${count}`, 3_600_000);
    await driver.advance(16_000);
    expect(driver.delivered).toEqual([]);
    expect(await stepsOf(driver, id)).toContain("dispatch 1 ambiguous");
    await driver.advance(600_000);
    expect(driver.delivered).toHaveLength(1);
    expect(await driver.lineage(id)).toMatchObject({ status: "delivered", attempts: 2 });
  });

  it("is held for a receipt by the policy hold, then closed by the deadline", async () => {
    const { driver, id } = await start("hold");
    await driver.advance(16_000);
    expect(driver.delivered).toEqual([]);
    expect(await driver.lineage(id)).toMatchObject({ status: "dispatched" });
    await driver.advance(72 * 3_600_000);
    expect(await driver.lineage(id)).toMatchObject({ status: "expired", reason: "no_receipt" });
  });

  it("tells the recorded outcome again without sending when the worker had recorded it", async () => {
    const driver = await createDeliveryTestDriver();
    const one = requestOf(emailTo("silent"), driver.clock.now());
    await driver.stores.claims.claim(claimOf(one.id), "another worker", 15_000, 3_600_000);
    await driver.stores.claims.complete(
      claimOf(one.id),
      JSON.stringify({
        provider: "sandbox",
        outcome: { kind: "accepted", providerMessageId: "their-id" },
        at: driver.clock.now(),
        tookMs: 5,
      }),
      3_600_000,
    );
    await driver.pipe(driver.assembly.families.requests, one);
    expect(driver.delivered).toEqual([]);
    expect(await driver.lineage(one.id)).toMatchObject({ status: "dispatched" });
  });
});
