/** Programs of strict users of each package, which are compiled and run from an empty folder. */

export const clientConsumer = `
import { CarillonError, type CarillonClient, checkMessage, createKafkaClient, createHttpClient, type MessageInput, type SendResult } from "carillon-client";

const message: MessageInput = {
  channel: "email",
  to: "ann@example.com",
  content: { subject: "Hello", attachments: [{ filename: "a.txt", content: Buffer.from("x") }] },
  variables: { items: [{ name: "Tea", price: 3.5 }] },
  expiresAt: Date.now() + 60_000,
};
const errors: readonly string[] = checkMessage(message).errors.map(({ field, reason }) => field + reason);
const clients: readonly CarillonClient[] = [
  createHttpClient({ url: "http://127.0.0.1:1", apiKey: "key", deadlineMs: 300 }),
  createKafkaClient({ brokers: ["127.0.0.1:1"], registryUrl: "http://127.0.0.1:1", tenant: "shop", sasl: { mechanism: "plain", username: "a", password: "b" } }),
];
const idOf = (result: SendResult): string => (result.accepted ? result.id : result.errors.map(({ fix }) => fix).join());
const wrong = await clients[1]?.send({ channel: "sms", to: "nobody", content: { text: "Hi" } });
if (wrong) console.log(idOf(wrong));
try {
  await clients[0]?.send({ channel: "sms", to: "+14155550100", content: { text: "Hi" } });
} catch (error) {
  console.log(error instanceof CarillonError && error.code, errors.join());
}
for (const client of clients) await client.close();
// @ts-expect-error: there is no such field
export const strange: MessageInput = { channel: "sms", to: "+14155550100", colour: "red" };
`;

export const testingConsumer = `
import { createDeliveryTestDriver, createTopology, createGraphTestDriver, queueSet, type TopicFamily } from "carillon-testing";

const driver = await createDeliveryTestDriver({ templates: { hello: { sms: { text: "Hello {{ name }}" } } } });
const id: string = await driver.send({ channel: "sms", to: "+14155550100", template: "hello", variables: { name: "Ann" } });
await driver.advance(60_000);
const document = await driver.lineage(id);
console.log(document?.status, driver.delivered[0]?.content.text);
await driver.send({ channel: "sms", to: "nobody", content: { text: "Hi" } }).catch((error: unknown) => console.log(String(error)));

interface Tick { readonly id: string }
const ticks: TopicFamily<Tick> = {
  name: "ticks",
  record: { name: "Tick", schema: { type: "record", name: "Tick", fields: [{ name: "id", type: "string" }] }, key: ({ id }) => id },
  members: [{ name: "ticks", partitions: 1 }],
  select: () => "ticks",
};
const topology = createTopology("clock");
topology.topics(ticks);
topology.source("hand", ticks);
topology.subTopology(queueSet("tell", ticks)).into({ name: "bell", write: async (batch) => batch.forEach(({ value }) => console.log(value.id)) });
await (await createGraphTestDriver(topology.build())).pipe(ticks, { id: "tick-1" });
`;

export const carillonConsumer = `
import { type Config, createLogger, defineSubsystem, loadConfig, type Pull, startCarillon, type StartOptions, type ThreadModule } from "carillon";
import { addChannel } from "carillon/channels";
import { renderTimeline } from "carillon/cli";
import { checkMessage } from "carillon/client";
import { createTopology } from "carillon/topology";

export const entries = [addChannel, renderTimeline, checkMessage], types: [ThreadModule?, Pull?] = [];
const config: Config = loadConfig({ environment: {}, overrides: { http: { enabled: false } } });
const options: StartOptions = { config, logger: createLogger("warn", config.instance) };
console.log(typeof startCarillon, typeof defineSubsystem, typeof createTopology, options.config.profile);
`;
