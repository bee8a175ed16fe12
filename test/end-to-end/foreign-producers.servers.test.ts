import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completeMessage } from "../../client/complete-message.js";
import { createCodec } from "../../schemas/codec.js";
import { messageRequested } from "../../schemas/records.js";
import { kafkaClients } from "../../stores/event-log/event-log.js";
import { type ForeignProducer, foreignProducers } from "../servers/foreign-producers.js";
import { eventually } from "../support/eventually.js";
import { checkedMessage } from "../support/requests.js";
import { serverAddress } from "../support/servers.js";
import { type Delivery, startDelivery } from "./harness.js";

const languages = Object.keys(foreignProducers);
const producers = new Map<string, ForeignProducer>();

beforeAll(async () => {
  for (const [language, install] of Object.entries(foreignProducers)) producers.set(language, await install());
}, 600_000);

for (const client of kafkaClients) {
  describe(`foreign producers, consumed by ${client}`, () => {
    let delivery: Delivery;
    beforeAll(async () => {
      delivery = await startDelivery({ profile: "cluster", client, guarantee: "at_least_once", processes: 1 });
    }, 120_000);
    afterAll(async () => {
      await delivery?.stop();
    });

    it.each(languages)("in %s have every codec delivered, with null, empty, repeated and huge headers", async (language) => {
      const producer = producers.get(language);
      if (!producer) throw new Error(`${language} is not installed`);
      const topic = `${delivery.config.topics.prefix}.requests.high`;
      const { id: schemaId } = (await (
        await fetch(`${serverAddress("REGISTRY")}/subjects/${topic}-value/versions/latest`, { signal: AbortSignal.timeout(20_000) })
      ).json()) as { id: number };
      const codec = createCodec(messageRequested, schemaId, { schema: async () => messageRequested.schema });
      const to = "+14155550100";
      const records = producer.codecs.map((name) => {
        const message = completeMessage(
          checkedMessage({ channel: "sms", to, lane: "high", content: { text: "Hi" } }),
          "foreign",
          Date.now(),
        );
        return { codec: name, key: `foreign:${to}:${name}`, value: codec.encode({ ...message, id: `${language}-${client}-${name}` }) };
      });
      await producer.send(serverAddress("KAFKA"), topic, records);
      for (const name of producer.codecs) {
        const document = await eventually(
          () => delivery.stores.lineage.find(`${language}-${client}-${name}`),
          (found) => found?.final === true,
          60_000,
        );
        expect(document, name).toMatchObject({ status: "delivered", tenant: "foreign", lane: "high" });
      }
      expect(await delivery.stores.log.scan(`${delivery.config.topics.prefix}.dead-letters`, 10)).toEqual([]);
    });
  });
}
