import { describe, expect, it } from "vitest";
import { renderTimeline } from "../../cli/timeline.js";
import { viewOf } from "../../operations/message-view.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { jobsOf } from "../../service/jobs-of.js";
import { loadConfig } from "../../service/load-config.js";
import { emailTo, requestOf } from "../support/requests.js";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Ages of a message count from its due time, so that a scheduled message is as young as any other. */
describe("a message that waits for its notBefore", () => {
  it("is retried as often as any other, however long it waited", async () => {
    const driver = await createDeliveryTestDriver();
    const request = requestOf({ ...emailTo("flaky"), notBefore: driver.clock.now() + 10 * dayMs }, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.advance(10 * dayMs - 1);
    expect(await driver.lineage(request.id)).toMatchObject({ status: "queued", attempts: 0 });
    await driver.advance(60_000);
    expect(await driver.lineage(request.id)).toMatchObject({ status: "delivered", attempts: 3 });
  });

  it("is given up once it is older than its channel allows, counted from when it was due", async () => {
    const driver = await createDeliveryTestDriver(
      { channels: { email: { expiresAfterMs: 3 * hourMs, retry: { maxAttempts: 1_000, maxAgeMs: hourMs, maxDelayMs: 600_000 } } } },
      {
        providers: (configured) => ({
          ...configured,
          email: configured.email.map((provider) => ({
            ...provider,
            send: async () => ({ kind: "temporary_failure", reason: "recipient_unavailable", detail: "busy" }) as const,
          })),
        }),
      },
    );
    const notBefore = driver.clock.now() + 5 * hourMs;
    const request = requestOf({ ...emailTo("success"), notBefore }, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.advance(8 * hourMs);
    const document = await driver.lineage(request.id);
    expect(document).toMatchObject({ status: "failed", reason: "attempts_exhausted" });
    const last = document?.lineage.findLast(({ stage }) => stage === "dispatch")?.at.getTime() ?? 0;
    expect(last).toBeGreaterThan(notBefore + hourMs / 2);
    expect(last).toBeLessThanOrEqual(notBefore + hourMs);
  });

  it("is one message with a request that comes again shortly before it is due, and after", async () => {
    const driver = await createDeliveryTestDriver();
    const input = { ...emailTo("success"), idempotencyKey: "monthly", notBefore: driver.clock.now() + 20 * dayMs };
    const request = requestOf(input, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.advance(20 * dayMs - 1_000);
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.advance(2 * dayMs);
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.advance(dayMs);
    expect(driver.delivered).toHaveLength(1);
    expect((await driver.lineage(request.id))?.lineage.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(2);
  });

  it("waits for a receipt as long as any other, and is not closed early by the sweep", async () => {
    const driver = await createDeliveryTestDriver();
    const [job] = jobsOf(loadConfig({ environment: {}, overrides: { instance: "sweeper" } }), driver.stores, driver.assembly, driver.clock);
    const request = requestOf({ ...emailTo("silent"), notBefore: driver.clock.now() + 10 * dayMs }, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.advance(13 * dayMs - 1);
    await job?.run(new AbortController().signal);
    await driver.advance(0);
    expect(await driver.lineage(request.id)).toMatchObject({ status: "dispatched", final: false });
    await driver.advance(1);
    expect(await driver.lineage(request.id)).toMatchObject({ status: "expired", reason: "no_receipt" });
  });

  it("is not closed by the sweep before it is due where the steps that tell its expiry were lost", async () => {
    const driver = await createDeliveryTestDriver();
    const [job] = jobsOf(loadConfig({ environment: {}, overrides: { instance: "sweeper" } }), driver.stores, driver.assembly, driver.clock);
    const notBefore = driver.clock.now() + 20 * dayMs;
    const request = requestOf({ ...emailTo("success"), notBefore }, driver.clock.now());
    await driver.stores.lineage.append([
      {
        partition: 0,
        offset: 0,
        event: {
          eventId: `${request.id}:accept:0:accepted`,
          messageId: request.id,
          tenant: "acme",
          channel: "email",
          lane: "normal",
          stage: "accept",
          outcome: "accepted",
          status: "accepted",
          reason: null,
          attempt: 0,
          at: driver.clock.now(),
          instance: "test",
          provider: null,
          to: request.to,
          details: { notBefore: new Date(notBefore).toISOString() },
        },
      },
    ]);
    await driver.advance(19 * dayMs);
    await job?.run(new AbortController().signal);
    await driver.advance(0);
    expect((await driver.lineage(request.id))?.final).toBe(false);
    await driver.advance(6 * dayMs);
    await job?.run(new AbortController().signal);
    await driver.advance(0);
    expect(await driver.lineage(request.id)).toMatchObject({ final: true, status: "expired" });
  });

  it("shows people how long it took from when it was due", async () => {
    const driver = await createDeliveryTestDriver();
    const request = requestOf({ ...emailTo("success"), notBefore: driver.clock.now() + 2 * dayMs }, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.advance(2 * dayMs + 1_000);
    const document = await driver.lineage(request.id);
    if (!document) throw new Error("the message has no lineage");
    const view = viewOf(document);
    expect(view.notBefore).toBe(new Date(request.notBefore ?? 0).toISOString());
    expect(renderTimeline(view)).toMatch(/delivered\S* after \d+ ms/);
  });
});
