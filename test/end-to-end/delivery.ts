import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deadLettersOf } from "../../operations/dead-letters/delivery-letters.js";
import type { MessageView } from "../../operations/message-view.js";
import { callbacksOf } from "../../sources/callbacks.js";
import { systemClock } from "../../stores/clock.js";
import { eventually } from "../support/eventually.js";
import { type Delivery, type DeliveryOptions, isWhole, nameOf, startDelivery } from "./harness.js";

const stages = (view: MessageView): string[] =>
  view.lineage.map(({ stage, outcome, attempt }) => `${stage}${attempt > 0 ? ` ${attempt}` : ""} ${outcome}`);
const begin = ["accept accepted", "validate ok", "enrich ok", "route ok"];

/** Every possible outcome of a message, from its sender's viewpoint. */
export const describeDelivery = (options: DeliveryOptions): void => {
  describe(`delivery, ${nameOf(options)}`, () => {
    let delivery: Delivery;
    beforeAll(async () => {
      delivery = await startDelivery(options);
    }, 90_000);
    afterAll(async () => {
      await delivery?.stop();
    }, 90_000);

    const email = (name: string, more: object = {}) => ({
      channel: "email",
      to: `${name}@sandbox.carillon.test`,
      lane: "high",
      content: { subject: "Hello", text: "Hi there" },
      ...more,
    });
    const deadLetters = () => {
      const { config, stores, assembly } = delivery;
      return deadLettersOf(config, stores, assembly, callbacksOf(config, assembly), systemClock);
    };

    it.each([
      ["email", "success@sandbox.carillon.test"],
      ["sms", "+14155550100"],
      ["push", "device-success"],
    ])("delivers by %s, with every step in its lineage, in order", async (channel, to) => {
      const id = await delivery.send({ channel, to, content: { subject: "Hello", title: "Hello", text: "Hi" } });
      const view = await delivery.final(id);
      expect(view).toMatchObject({ id, channel, lane: "normal", tenant: "local", status: "delivered", final: true, attempts: 1 });
      expect(stages(view)).toEqual([...begin, "dispatch 1 ok", "response_handle 1 delivered", "feedback 1 delivered"]);
      expect(view.lineage.map(({ at }) => at)).toEqual(view.lineage.map(({ at }) => at).sort());
    });

    it("tries again after temporary failures, and delivers", async () => {
      const view = await delivery.final(await delivery.send(email("flaky")));
      expect(view).toMatchObject({ status: "delivered", attempts: 3 });
      const failed = (attempt: number) => [`dispatch ${attempt} temporary_failure`, `retry ${attempt} scheduled`];
      expect(stages(view)).toEqual([
        ...begin,
        ...failed(1),
        ...failed(2),
        "dispatch 3 ok",
        "response_handle 3 delivered",
        "feedback 3 delivered",
      ]);
    });

    it("waits as long as a throttling provider asks", async () => {
      const view = await delivery.final(await delivery.send(email("throttle")));
      expect(view).toMatchObject({ status: "delivered", attempts: 2 });
      const [first, second] = view.lineage.filter(({ stage }) => stage === "dispatch").map(({ at }) => Date.parse(at));
      expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(400);
    });

    it("ends a refused message as failed, with its reason", async () => {
      const view = await delivery.final(await delivery.send(email("bounce")));
      expect(view).toMatchObject({ status: "failed", reason: "recipient_rejected", attempts: 1 });
    });

    it("ends a message whose expiry passed, before sending and before a retry", async () => {
      const late = await delivery.final(await delivery.send(email("success", { expiresAt: Date.now() - 1_000 })));
      expect(late).toMatchObject({ status: "expired", reason: "expired_before_send", attempts: 0 });
      const soon = await delivery.final(await delivery.send(email("flaky", { expiresAt: Date.now() + 250 })));
      expect(soon.status).toBe("expired");
      expect(["expired_before_retry", "expired_before_send"]).toContain(soon.reason);
    });

    it("closes a message of which the provider says nothing", async () => {
      const view = await delivery.final(await delivery.send({ channel: "push", to: "device-silent", content: { text: "Hi" } }));
      expect(view).toMatchObject({ status: "expired", reason: "no_receipt", attempts: 1 });
    });

    it("keeps a complaint beside the status", async () => {
      const id = await delivery.send(email("complaint"));
      const view = await eventually(
        () => delivery.view(id),
        (found) => found.final && found.engagement.length > 0,
      );
      expect(view).toMatchObject({ status: "delivered", engagement: ["complained"] });
    });

    it("waits for a slow receipt, and for notBefore", async () => {
      const notBefore = Date.now() + 700;
      const [slow, later] = await Promise.all([delivery.send(email("slow")), delivery.send(email("success", { notBefore }))]);
      expect(await delivery.final(slow)).toMatchObject({ status: "delivered", attempts: 1 });
      const view = await delivery.final(later);
      const sentAt = Date.parse(view.lineage.find(({ stage }) => stage === "dispatch")?.at ?? "");
      expect(sentAt).toBeGreaterThanOrEqual(notBefore);
    });

    it("takes requests of one idempotency key as one message", async () => {
      const key = `key-${Date.now()}`;
      const ids = await Promise.all([1, 2, 3].map(() => delivery.send(email("success", { idempotencyKey: key }))));
      expect(new Set(ids).size).toBe(1);
      const id = ids[0] ?? "";
      const view = await eventually(
        () => delivery.view(id),
        (found) => found.final && isWhole(found) && found.lineage.filter(({ outcome }) => outcome === "duplicate").length === 2,
      );
      expect(view.lineage.filter(({ stage }) => stage === "dispatch")).toHaveLength(1);
    });

    it("tells the sender by the feedback topic, once a message", async () => {
      const id = await delivery.send(email("success", { metadata: { order: "7" } }));
      await delivery.final(id);
      const codec = delivery.assembly.codecs.of(delivery.assembly.families.feedback);
      const told = await eventually(
        async () => {
          const records = await delivery.stores.log.scan(`${delivery.config.topics.prefix}.feedback`, 10_000);
          return (await Promise.all(records.map(({ value }) => codec.decode(value)))).filter(({ messageId }) => messageId === id);
        },
        (found) => found.length > 0,
      );
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({ kind: "final", status: "delivered", metadata: { order: "7" }, tenant: "local" });
    });

    it("keeps a poison record in dead-letters, byte for byte, and holds up nobody", async () => {
      const { stores, config } = delivery;
      const poison = Buffer.from(`poison ${Date.now()}`);
      const topic = `${config.topics.prefix}.requests.high`;
      const id = await delivery.send(email("success"));
      await stores.log.append([{ topic, key: `local:success@sandbox.carillon.test`, value: poison, headers: { origin: "a test" } }]);
      const after = await delivery.send(email("success"));
      expect((await delivery.final(id)).status).toBe("delivered");
      expect((await delivery.final(after)).status).toBe("delivered");
      const find = async () => (await deadLetters().list({}, 1_000)).find(({ letter }) => letter.value?.equals(poison));
      const stored = await eventually(find, (found) => found !== undefined);
      expect(stored?.letter).toMatchObject({ topic, stage: "decode", errorCode: "UNDECODABLE" });
      expect(stored?.letter.headers.origin?.toString()).toBe("a test");
      expect(stored && (await deadLetters().redrive([[stored]]))).toBe(1);
      const again = await eventually(
        async () => (await deadLetters().list({}, 1_000)).filter(({ letter }) => letter.value?.equals(poison)),
        (found) => found.length === 2,
      );
      expect(again.some(({ settled }) => settled?.how === "redriven")).toBe(true);
    });

    it("lists dead letters although a record among them is none, which can be discarded", async () => {
      const { stores, config } = delivery;
      const topic = `${config.topics.prefix}.dead-letters`;
      const junk = Buffer.from(`no letter ${Date.now()}`);
      await stores.log.append([{ topic, key: null, value: junk }]);
      const find = async () => (await deadLetters().list({}, 1_000)).find(({ letter }) => letter.value?.equals(junk));
      const stored = await find();
      expect(stored?.letter).toMatchObject({ topic, stage: "dead-letters", errorCode: "UNDECODABLE" });
      expect(stored && (await deadLetters().redrive([[stored]]))).toBe(0);
      expect(stored && (await deadLetters().discard([[stored]], "it is none"))).toBe(1);
      expect((await find())?.settled?.how).toBe("discarded");
    });

    it("keeps a poison record as large as a topic takes, and goes on", async () => {
      const poison = Buffer.alloc(1_048_300, "x");
      const topic = `${delivery.config.topics.prefix}.requests.bulk`;
      await delivery.stores.log.append([{ topic, key: "k", value: poison }]);
      const id = await delivery.send(email("success", { lane: "bulk" }));
      expect((await delivery.final(id)).status).toBe("delivered");
      await eventually(
        async () => (await deadLetters().list({}, 1_000)).find(({ letter }) => letter.value?.length === poison.length),
        (found) => found?.letter.value?.equals(poison) === true,
      );
    });

    it("answers health, readiness and metrics on every process", async () => {
      for (const url of delivery.urls) {
        expect((await fetch(`${url}/healthz`)).status).toBe(200);
        // consumers of a process that an earlier test killed hold their partitions for a session timeout
        const readiness = await eventually(
          async () => (await fetch(`${url}/readyz`)).text(),
          (text) => text.includes('"ready"'),
        );
        expect(JSON.parse(readiness)).toEqual({ status: "ready" });
        expect(await (await fetch(`${url}/metrics`)).text()).toContain("carillon_stage_seconds_bucket");
      }
    });
  });
};
