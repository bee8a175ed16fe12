import { describe, expect, it } from "vitest";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { jobsOf } from "../../service/jobs-of.js";
import { loadConfig } from "../../service/load-config.js";
import { emailTo, requestOf } from "../support/requests.js";

const hourMs = 3_600_000;

describe("the overdue sweep", () => {
  const start = async () => {
    const driver = await createDeliveryTestDriver();
    const [job] = jobsOf(loadConfig({ environment: {}, overrides: { instance: "sweeper" } }), driver.stores, driver.assembly, driver.clock);
    if (!job) throw new Error("there is no job");
    const sweep = async (): Promise<void> => {
      await job.run(new AbortController().signal);
      await driver.advance(0);
    };
    return { driver, sweep };
  };

  it("closes a message whose timers were lost, long after its expiry and deadline, once", async () => {
    const { driver, sweep } = await start();
    const request = requestOf(emailTo("silent"), driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.stores.timers.cancel([`deadline:${request.id}:1`]);
    await driver.advance(24 * hourMs + 72 * hourMs);
    await sweep();
    expect((await driver.lineage(request.id))?.final).toBe(false);
    await driver.advance(2 * hourMs);
    await sweep();
    await sweep();
    expect(await driver.lineage(request.id)).toMatchObject({ status: "expired", reason: "no_receipt", final: true });
    expect(await driver.read(driver.assembly.families.feedback)).toHaveLength(1);
  });

  it("leaves alone what waits rightly: a message for next month", async () => {
    const { driver, sweep } = await start();
    const request = requestOf({ ...emailTo("success"), notBefore: driver.clock.now() + 30 * 24 * hourMs }, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.advance(29 * 24 * hourMs);
    await sweep();
    expect(await driver.lineage(request.id)).toMatchObject({ status: "queued", final: false });
  });
});
