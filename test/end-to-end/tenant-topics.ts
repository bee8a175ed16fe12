import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idFromKey } from "../../client/complete-message.js";
import { deadLettersOf } from "../../operations/dead-letters/delivery-letters.js";
import type { DeliveryFeedback, MessageRequested } from "../../schemas/generated.js";
import { callbacksOf } from "../../sources/callbacks.js";
import { systemClock } from "../../stores/clock.js";
import { eventually } from "../support/eventually.js";
import { emailTo, requestOf } from "../support/requests.js";
import { type Delivery, type DeliveryOptions, nameOf, startDelivery } from "./harness.js";

/** The topics of tenants with Kafka access, over the processes and stores of a profile. */
export const describeTenantTopics = (options: DeliveryOptions): void => {
  describe(`topics of tenants, ${nameOf(options)}`, () => {
    let delivery: Delivery;
    beforeAll(async () => {
      // the tenant of requests without a key has topics too, so that messages over HTTP and Kafka can be the same
      delivery = await startDelivery({ ...options, config: { tenantTopics: { tenants: ["local", "bank"] } } });
    }, 90_000);
    afterAll(async () => {
      await delivery?.stop();
    }, 90_000);

    const publish = async (topicTenant: string, idempotencyKey: string, more: Partial<MessageRequested> = {}): Promise<void> => {
      const { stores, assembly, config } = delivery;
      const { families, codecs } = assembly;
      const request = requestOf(emailTo("success"), Date.now(), { tenant: "", id: "", idempotencyKey, ...more });
      const topic = `${config.topics.prefix}.ingress.${topicTenant}`;
      await stores.log.append([{ topic, key: idempotencyKey, value: codecs.of(families.ingress).encode(request) }]);
    };
    const feedbackOf = async (tenant: string): Promise<readonly DeliveryFeedback[]> => {
      const { stores, assembly, config } = delivery;
      const codec = assembly.codecs.of(assembly.families.tenantFeedback);
      const records = await stores.log.scan(`${config.topics.prefix}.feedback.${tenant}`, 1_000);
      return Promise.all(records.map(({ value }) => codec.decode(value)));
    };
    const finalOf = (tenant: string, key: string) =>
      eventually(
        async () => (await feedbackOf(tenant)).find(({ idempotencyKey, kind }) => idempotencyKey === key && kind === "final"),
        (found) => found !== undefined,
        30_000,
      );

    it("sends a published message and returns its feedback to its tenant alone", async () => {
      await publish("bank", "order-1");
      expect(await finalOf("bank", "order-1")).toMatchObject({ messageId: idFromKey("bank", "order-1"), status: "delivered" });
      expect((await feedbackOf("local")).filter(({ tenant }) => tenant !== "local")).toEqual([]);
    });

    it("sends a message once that comes over HTTP and by the topic", async () => {
      const id = await delivery.send({ ...emailTo("success"), idempotencyKey: "order-2" });
      await delivery.final(id);
      await publish("local", "order-2", { acceptedAt: Date.now() });
      const view = await eventually(
        () => delivery.view(id),
        ({ lineage }) => lineage.some(({ outcome }) => outcome === "duplicate"),
        30_000,
      );
      expect(view).toMatchObject({ status: "delivered", attempts: 1 });
    });

    it("refuses a message with another tenant's id, and a discard of its dead letter changes nothing there", async () => {
      const id = await delivery.send({ ...emailTo("success"), idempotencyKey: "order-3" });
      const before = await delivery.final(id);
      await publish("bank", "order-3", { tenant: "local", id });
      const refused = await finalOf("bank", "order-3");
      expect(refused).toMatchObject({ tenant: "bank", status: "failed", reason: "invalid_request" });
      const { config, stores, assembly } = delivery;
      const letters = deadLettersOf(config, stores, assembly, callbacksOf(config, assembly), systemClock);
      const found = await letters.list({ state: "pending" }, 10);
      expect(found).toMatchObject([{ letter: { stage: "ingress", errorMessage: expect.stringContaining("belongs to the tenant bank") } }]);
      await letters.discard([found], "refused");
      await eventually(
        () => delivery.view(refused?.messageId ?? ""),
        ({ lineage }) => lineage.some(({ outcome }) => outcome === "discarded"),
        30_000,
      );
      expect(await delivery.view(id)).toEqual(before);
      expect((await feedbackOf("local")).filter(({ messageId }) => messageId === id)).toHaveLength(1);
    });

    it("shows the topics among the queues", async () => {
      const response = await fetch(`${delivery.urls[0]}/v1/queues`);
      const text = await response.text();
      for (const queue of ["ingress.local", "ingress.bank", "egress"]) expect(text).toContain(queue);
    });
  });
};
