import { beforeEach, describe, expect, it } from "vitest";
import { idFromKey } from "../../client/complete-message.js";
import { originHeader } from "../../engine/runtime/origin.js";
import type { MessageRequested } from "../../schemas/generated.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo, requestOf } from "../support/requests.js";

describe("the topics of tenants with Kafka access", () => {
  let driver: DeliveryTestDriver;
  beforeEach(async () => {
    driver = await createDeliveryTestDriver({ tenantTopics: { tenants: ["shop", "bank"] } });
  });

  /** As a foreign producer publishes: without tenant and id. */
  const published = (more: Partial<MessageRequested> = {}, name = "success"): MessageRequested =>
    requestOf(emailTo(name), driver.clock.now(), { tenant: "", id: "", ...more });

  /** Publishes to the tenant's topic, whatever the request states. */
  const publish = async (tenant: string, request: MessageRequested, headers: Readonly<Record<string, string>> = {}): Promise<void> => {
    const { families, codecs } = driver.assembly;
    const value = codecs.of(families.ingress).encode(request);
    await driver.stores.log.append([{ topic: `carillon.ingress.${tenant}`, key: "key", value, headers }]);
    await driver.advance(0);
    await driver.advance(300);
  };
  const feedback = () => driver.read(driver.assembly.families.feedback);
  const letters = () => driver.read(driver.assembly.families.deadLetters);
  /** The feedback in one tenant's topic. */
  const feedbackOf = async (tenant: string) => {
    const { families, codecs } = driver.assembly;
    const records = await driver.stores.log.scan(`carillon.feedback.${tenant}`, 100);
    return Promise.all(records.map(({ value }) => codecs.of(families.tenantFeedback).decode(value)));
  };

  it("take the tenant from the topic, and the id from the tenant and the key", async () => {
    await publish("shop", published({ idempotencyKey: "order-1" }));
    const id = idFromKey("shop", "order-1");
    expect(await driver.lineage(id)).toMatchObject({ tenant: "shop", status: "delivered", lane: "normal" });
    expect(driver.delivered).toMatchObject([{ messageId: id }]);
  });

  it("accept a record with the tenant and the derived id, as the client writes it", async () => {
    const id = idFromKey("bank", "k");
    await publish("bank", published({ tenant: "bank", id, idempotencyKey: "k", lane: "critical" }));
    expect(await driver.lineage(id)).toMatchObject({ tenant: "bank", lane: "critical", status: "delivered" });
  });

  it("give a record without a key the same id at each delivery", async () => {
    await publish("shop", published());
    const [final] = await feedbackOf("shop");
    expect(driver.delivered).toMatchObject([{ messageId: final?.messageId }]);
    expect([0, 1].map((partition) => idFromKey("shop", `record carillon.ingress.shop/${partition}/0`))).toContain(final?.messageId);
  });

  it("continue the trace of the record", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    await publish("shop", published({ idempotencyKey: "k" }), { traceparent, tracestate: "vendor=1" });
    expect(await feedbackOf("shop")).toMatchObject([{ traceparent, tracestate: "vendor=1" }]);
  });

  it("check a request as any other", async () => {
    await publish("shop", published({ idempotencyKey: "k", from: "ceo@bank.example" }));
    expect(await feedbackOf("shop")).toMatchObject([{ status: "failed", reason: "sender_not_allowed", idempotencyKey: "k" }]);
    expect(driver.delivered).toEqual([]);
  });

  it("send a message once that also comes through the shared topics, with a conflict if it differs", async () => {
    await driver.send({ ...emailTo("success"), tenant: "shop", idempotencyKey: "order-1" });
    await driver.advance(300);
    await publish("shop", published({ idempotencyKey: "order-1" }));
    expect(driver.delivered).toHaveLength(1);
    expect(await feedbackOf("shop")).toMatchObject([{ status: "delivered" }]);
    await publish("shop", published({ idempotencyKey: "order-1", metadata: { other: "content" } }));
    expect(driver.delivered).toHaveLength(1);
    expect((await feedbackOf("shop")).at(-1)).toMatchObject({ status: "duplicate", reason: "idempotency_conflict" });
  });

  it("keep the keys of tenants apart", async () => {
    await publish("shop", published({ idempotencyKey: "order-1" }));
    await publish("bank", published({ idempotencyKey: "order-1" }));
    expect(driver.delivered.map(({ messageId }) => messageId)).toEqual([idFromKey("shop", "order-1"), idFromKey("bank", "order-1")]);
  });

  it("contain only the feedback of their tenant", async () => {
    await publish("shop", published({ idempotencyKey: "k" }));
    await driver.send({ ...emailTo("success"), tenant: "bank", idempotencyKey: "k" });
    await driver.send({ ...emailTo("success"), tenant: "other" });
    await driver.advance(300);
    expect(await feedbackOf("shop")).toMatchObject([{ tenant: "shop", kind: "final", status: "delivered" }]);
    expect(await feedbackOf("bank")).toMatchObject([{ tenant: "bank", kind: "final", status: "delivered" }]);
    expect((await feedback()).map(({ tenant }) => tenant).sort()).toEqual(["bank", "other", "shop"]);
    expect(driver.assembly.topics.map(({ topic }) => topic)).not.toContain("carillon.feedback.other");
  });

  describe("refuse", () => {
    const foreign = { tenant: "bank", id: idFromKey("bank", "order-1"), idempotencyKey: "order-1" };

    it.each([
      ["another tenant", { ...foreign, id: "" }, /^tenant: the topic carillon\.ingress\.shop belongs to the tenant shop/],
      ["the id of another tenant's message", { ...foreign, tenant: "" }, /^id: is not derived from the tenant and the idempotency key/],
      ["an id without a key", { id: "0190f000-0000-7000-8000-000000000000" }, /^id: is not derived/],
    ])("%s", async (_what, more, message) => {
      await driver.send({ ...emailTo("success"), tenant: "bank", idempotencyKey: "order-1" });
      await driver.advance(300);
      const before = await driver.lineage(foreign.id);
      await publish("shop", published(more));
      const [letter] = await letters();
      expect(letter).toMatchObject({ stage: "ingress", errorCode: "FORBIDDEN", errorMessage: expect.stringMatching(message) });
      const kept = await driver.assembly.codecs.of(driver.assembly.families.ingress).decode(letter?.value ?? null);
      expect(kept).toMatchObject(more);
      // the other tenant's message and feedback do not change
      expect(await driver.lineage(foreign.id)).toEqual(before);
      expect(await feedbackOf("bank")).toHaveLength(1);
      const [final] = await feedbackOf("shop");
      expect(final).toMatchObject({ tenant: "shop", status: "failed", reason: "invalid_request" });
      expect(final?.messageId).not.toBe(foreign.id);
      expect(await driver.lineage(final?.messageId ?? "")).toMatchObject({ tenant: "shop", status: "failed" });
      expect(driver.delivered).toHaveLength(1);
    });

    it("the origin of a record in another topic", async () => {
      await publish("shop", published({ idempotencyKey: "k" }), { [originHeader]: "carillon.requests.normal/0/0" });
      expect(await letters()).toMatchObject([{ errorMessage: expect.stringMatching(/^carillon-origin: /) }]);
      expect(driver.delivered).toEqual([]);
    });

    it("bytes that are no request, without stopping the topic", async () => {
      await driver.pipeBytes("ingress.shop", Buffer.from("{}"));
      await publish("shop", published({ idempotencyKey: "k" }));
      expect(await letters()).toMatchObject([{ topic: "carillon.ingress.shop", errorCode: "UNDECODABLE", value: Buffer.from("{}") }]);
      expect(driver.delivered).toHaveLength(1);
    });
  });
});
