import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CarillonClient, createKafkaClient } from "../../client/index.js";
import { type Delivery, startDelivery } from "../end-to-end/harness.js";
import { eventually } from "../support/eventually.js";
import { serverAddress } from "../support/servers.js";

describe("the client", () => {
  let delivery: Delivery;
  let client: CarillonClient;
  beforeAll(async () => {
    delivery = await startDelivery({ profile: "cluster", guarantee: "at_least_once", processes: 1 });
    client = createKafkaClient({
      brokers: [serverAddress("KAFKA")],
      registryUrl: serverAddress("REGISTRY"),
      tenant: "shop",
      prefix: delivery.config.topics.prefix,
    });
  });
  afterAll(async () => {
    await client.close();
    await client.close();
    await delivery.stop();
  });

  it("publishes a message that is then delivered", async () => {
    const result = await client.send({ channel: "sms", to: "+14155550100", lane: "high", content: { text: "Hi" } });
    expect(result).toMatchObject({ accepted: true, warnings: [] });
    const id = result.accepted ? result.id : "";
    const document = await eventually(
      () => delivery.stores.lineage.find(id),
      (found) => found?.final === true,
    );
    expect(document).toMatchObject({ tenant: "shop", lane: "high", status: "delivered" });
  });

  it("gives wrong messages back as data and publishes the others", async () => {
    const results = await client.sendAll([
      { channel: "sms", to: "nobody", content: { text: "Hi" } },
      { channel: "sms", to: "+14155550100", content: { text: "x".repeat(200) } },
    ]);
    expect(results).toMatchObject([
      { accepted: false, errors: [{ field: "to", reason: "invalid_recipient" }] },
      { accepted: true, warnings: [{ field: "content.text" }] },
    ]);
  });

  it("publishes thousands in batches", async () => {
    const results = await Promise.all(
      Array.from({ length: 2_000 }, (_, index) =>
        client.send({ channel: "push", to: `device-${index}-silent`, lane: "bulk", content: { text: "Hi" } }),
      ),
    );
    expect(new Set(results.map((result) => (result.accepted ? result.id : ""))).size).toBe(2_000);
  });

  it("says clearly that a broker is not there", async () => {
    const lonely = createKafkaClient({
      brokers: ["127.0.0.1:1"],
      registryUrl: serverAddress("REGISTRY"),
      tenant: "shop",
      prefix: delivery.config.topics.prefix,
    });
    await expect(lonely.send({ channel: "sms", to: "+14155550100", content: { text: "Hi" } })).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
    await lonely.close();
  });

  it("publishes every send that was made before its close", async () => {
    const closing = createKafkaClient({
      brokers: [serverAddress("KAFKA")],
      registryUrl: serverAddress("REGISTRY"),
      tenant: "shop",
      prefix: delivery.config.topics.prefix,
    });
    const sends = Array.from({ length: 100 }, (_, index) =>
      closing.send({ channel: "sms", to: `+1415555${String(1_000 + index)}`, content: { text: "Hi" } }),
    );
    await closing.close();
    const results = await Promise.all(sends);
    expect(results.filter(({ accepted }) => accepted)).toHaveLength(100);
  });

  it("waits for sends no longer than it may when it closes, and rejects them", async () => {
    const lonely = createKafkaClient({
      brokers: ["127.0.0.1:1"],
      registryUrl: serverAddress("REGISTRY"),
      tenant: "shop",
      prefix: delivery.config.topics.prefix,
      closeTimeoutMs: 200,
    });
    const send = lonely.send({ channel: "sms", to: "+14155550100", content: { text: "Hi" } });
    const rejected = expect(send).rejects.toMatchObject({ code: "CLOSED" });
    const begin = Date.now();
    await lonely.close();
    await rejected;
    expect(Date.now() - begin).toBeLessThan(3_000);
  });

  it("rejects once closed", async () => {
    const closed = createKafkaClient({ brokers: [serverAddress("KAFKA")], registryUrl: serverAddress("REGISTRY"), tenant: "shop" });
    await closed.close();
    await expect(closed.send({ channel: "sms", to: "+14155550100", content: { text: "Hi" } })).rejects.toMatchObject({ code: "CLOSED" });
  });
});
