import { expect, it } from "vitest";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo, requestOf } from "../support/requests.js";

/** Found by the simulation: after a laptop slept during a send, the message was in dead-letters. */
it("a record whose stage took too long comes again, and goes to dead-letters only when it keeps doing so", async () => {
  const hanging = { times: 0 };
  const driver = await createDeliveryTestDriver(
    { runtime: { stageTimeoutMs: 1_000 } },
    {
      providers: (configured) => ({
        ...configured,
        email: configured.email.map((provider) => ({
          ...provider,
          send: (command, context) => {
            hanging.times += 1;
            driver.clock.advance(1_000); // the whole machine was suspended
            return provider.send(command, context);
          },
        })),
      }),
    },
  );
  const request = requestOf(emailTo("success"), driver.clock.now());
  await expect(driver.pipe(driver.assembly.families.requests, request)).rejects.toMatchObject({ code: "STAGE_TIMEOUT", retryable: true });
  await driver.pipe(
    driver.assembly.families.requests,
    requestOf({ ...emailTo("another"), channel: "sms", to: "+14155550100", content: { text: "Hi" } }, driver.clock.now()),
  );
  await driver.advance(120_000);
  expect(await driver.lineage(request.id)).toMatchObject({ status: "delivered", attempts: 1 });
  expect(hanging.times).toBe(1);
  expect(await driver.read(driver.assembly.families.deadLetters)).toEqual([]);
});
