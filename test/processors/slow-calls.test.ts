import { describe, expect, it } from "vitest";
import type { MessageRequested } from "../../schemas/generated.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { providerReceiptOf } from "../../sources/provider-receipt-of.js";
import { emailTo, requestOf } from "../support/requests.js";

describe("a slow provider, under the test driver", () => {
  let driver: DeliveryTestDriver;
  /** Pipes a request whose call is so slow that the partition no longer waits for it. */
  const pipeUntilDetached = async (request: MessageRequested): Promise<void> => {
    const piped = driver.pipe(driver.assembly.families.requests, request);
    await new Promise((resolve) => setImmediate(resolve));
    driver.clock.advance(500);
    await piped;
  };

  it("waits for a slow call beside the partition: others go by, and it is told when it ends", async () => {
    const sent: string[] = [];
    driver = await createDeliveryTestDriver({ channels: { email: { retry: { jitter: 0 } } }, delivery: { detachAfterMs: 500 } } as never, {
      providers: (configured) => ({
        ...configured,
        email: configured.email.map((one) => ({
          ...one,
          send: async ({ to, messageId }) => {
            sent.push(to);
            if (to.startsWith("slow")) await driver.clock.sleep(3_000);
            return { kind: "delivered", providerMessageId: messageId };
          },
        })),
      }),
    });
    const request = requestOf(emailTo("slow"), driver.clock.now());
    await pipeUntilDetached(request);
    expect((await driver.lineage(request.id))?.status).toBe("queued");
    const other = requestOf(emailTo("quick"), driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, other);
    expect((await driver.lineage(other.id))?.status).toBe("delivered");
    await driver.advance(2_500);
    await driver.assembly.detachedCalls.ended();
    await driver.advance(1);
    expect(await driver.lineage(request.id)).toMatchObject({ status: "delivered", attempts: 1 });
    expect((await driver.lineage(request.id))?.lineage.find(({ stage }) => stage === "dispatch")?.details.tookMs).toBe("3000");
    expect(sent).toEqual(["slow@sandbox.carillon.test", "quick@sandbox.carillon.test"]);
    await driver.advance(60_000);
    expect(sent).toHaveLength(2);
    expect(await driver.stores.timers.pending()).toBe(0);
  });

  it("finds the message of a receipt that comes while its slow call is not told yet", async () => {
    driver = await createDeliveryTestDriver({ delivery: { detachAfterMs: 500, earlyReceiptRetryDelaysMs: [] } } as never, {
      providers: (configured) => ({
        ...configured,
        email: configured.email.map((one) => ({
          ...one,
          send: async () => {
            await driver.clock.sleep(3_000);
            return { kind: "accepted", providerMessageId: "slow-1" };
          },
        })),
      }),
    });
    const request = requestOf(emailTo("someone"), driver.clock.now());
    await pipeUntilDetached(request);
    driver.clock.advance(2_500);
    await driver.assembly.detachedCalls.ended();
    const identity = { name: "sandbox", channel: "email" } as const;
    await driver.pipe(
      driver.assembly.families.receipts,
      providerReceiptOf(identity, { providerMessageId: "slow-1", event: "delivered" }, driver.clock.now()),
    );
    await driver.advance(1);
    expect(await driver.lineage(request.id)).toMatchObject({ status: "delivered", attempts: 1 });
    expect(await driver.read(driver.assembly.families.deadLetters)).toEqual([]);
  });
});
