import { expect, it } from "vitest";
import { checkMessage } from "../../client/check-message.js";
import { completeMessage, idFromKey } from "../../client/complete-message.js";
import { sharedTopics, tenantTopics } from "../../client/target-topics.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo } from "../support/requests.js";

const checked = (more: object = {}) => checkMessage({ ...emailTo("success"), ...more });

it("are one for each lane if all tenants share them", () => {
  expect(sharedTopics.all).toEqual(["requests.critical", "requests.high", "requests.normal", "requests.bulk"]);
  expect(sharedTopics.of({ lane: "high" })).toBe("requests.high");
  expect(sharedTopics.check(checked({ tenant: "bank" }), 0).message).toMatchObject({ tenant: "bank", idempotencyKey: null });
});

it("are one for a tenant, which takes messages of that tenant alone", () => {
  const own = tenantTopics("shop");
  expect(own.all).toEqual(["ingress.shop"]);
  expect(own.of({ lane: "critical" })).toBe("ingress.shop");
  expect(own.check(checked({ tenant: "shop", idempotencyKey: "k" }), 0).message).toMatchObject({ idempotencyKey: "k" });
  expect(own.check(checked({ tenant: "bank" }), 0)).toMatchObject({ errors: [{ field: "tenant", reason: "invalid_request" }] });
  expect(own.check(checked({ to: "nobody" }), 0)).toMatchObject({ errors: [{ field: "to" }], message: undefined });
});

it("gives each message a key, so that Carillon accepts the id that the client returns", async () => {
  const own = tenantTopics("shop");
  const driver = await createDeliveryTestDriver({ tenantTopics: { tenants: ["shop"] } });
  const requests = [checked(), checked(), checked({ idempotencyKey: "order-1" })].map((check) => {
    const { message } = own.check(check, driver.clock.now());
    if (!message) throw new Error("the message was refused");
    return completeMessage(message, "shop", driver.clock.now());
  });
  for (const request of requests) await driver.pipe(driver.assembly.families.ingress, request);
  await driver.advance(300);
  const ids = requests.map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  expect(ids[2]).toBe(idFromKey("shop", "order-1"));
  expect(driver.delivered.map(({ messageId }) => messageId).sort()).toEqual([...ids].sort());
});
