import { beforeEach, describe, expect, it } from "vitest";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { jobsOf } from "../../service/jobs-of.js";
import { loadConfig } from "../../service/load-config.js";
import { keys } from "../../stores/keys.js";
import { emailTo, requestOf } from "../support/requests.js";

const hourMs = 3_600_000;

/** Found by the simulation: a worker that ended between deciding the final status and reporting it left the sender without feedback. */
describe("an end that was decided and not told is told when its cause comes again", () => {
  let driver: DeliveryTestDriver;
  beforeEach(async () => {
    driver = await createDeliveryTestDriver();
  });
  const decide = (id: string, decision: string): Promise<string> =>
    driver.stores.claims.decide(keys.claims.final(id), decision, 1_000 * hourMs);
  const told = async (): Promise<string[]> =>
    (await driver.read(driver.assembly.families.feedback)).map(({ status, reason }) => `${status} ${reason}`);

  it("by the provider's silence", async () => {
    const request = requestOf({ channel: "push", to: "device-silent", content: { text: "Hi" } }, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    await decide(request.id, `expired:${request.id}:1:no_receipt`);
    await driver.advance(hourMs);
    expect(await told()).toEqual(["expired no_receipt"]);
    expect(await driver.lineage(request.id)).toMatchObject({ status: "expired", final: true });
  });

  it("by its expiry before it was sent", async () => {
    const request = requestOf({ ...emailTo("flaky"), expiresAt: driver.clock.now() + 3_000 }, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    const commands = await driver.read(driver.assembly.families.dispatch);
    driver.clock.advance(3_000); // the retry comes after its expiry, as after an outage
    const [command] = commands;
    if (!command) throw new Error("nothing was dispatched");
    const again = { ...command, attempt: 2 };
    const key = `claim:${request.id}:2`;
    await driver.stores.claims.claim(key, "test", 1_000, hourMs);
    await driver.stores.claims.complete(key, JSON.stringify({ unsent: "expired" }), hourMs);
    await decide(request.id, "expired:dispatch:2");
    await driver.pipe(driver.assembly.families.dispatch, again);
    // from the retry's own timer, and from the copy
    expect(new Set(await told())).toEqual(new Set(["expired expired_before_send"]));
  });

  it("by the overdue sweep, when what told it was lost", async () => {
    const request = requestOf(emailTo("silent"), driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.stores.timers.cancel([`deadline:${request.id}:1`]);
    await decide(request.id, "failed:some receipt");
    await driver.advance(98 * hourMs);
    const [sweep] = jobsOf(
      loadConfig({ environment: {}, overrides: { instance: "sweeper" } }),
      driver.stores,
      driver.assembly,
      driver.clock,
    );
    await sweep?.run(new AbortController().signal);
    await driver.advance(0);
    expect(await told()).toEqual(["failed end_unrecorded"]);
    expect(await driver.lineage(request.id)).toMatchObject({ status: "failed", reason: "end_unrecorded", final: true });
  });
});
