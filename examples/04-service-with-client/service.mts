// A service that sends over the Kafka of a cluster. CARILLON_KAFKA_BROKERS and CARILLON_REGISTRY_URL name the servers.
// 10-service-over-http shows the same over HTTP.
import { createKafkaClient } from "carillon-client";

const client = createKafkaClient({
  brokers: (process.env.CARILLON_KAFKA_BROKERS ?? "127.0.0.1:9092").split(","),
  registryUrl: process.env.CARILLON_REGISTRY_URL ?? "http://127.0.0.1:8081",
  tenant: "shop",
});

const result = await client.send({
  channel: "sms",
  to: "+14155550100",
  lane: "critical",
  content: { text: "Your code is 492 113" },
  idempotencyKey: `login-${Date.now()}`,
  expiresAt: Date.now() + 5 * 60_000,
});
if (result.accepted) console.log(`Kafka has stored ${result.id}`);
else for (const { field, problem, fix } of result.errors) console.error(`${field} ${problem}: ${fix}`);

await client.close();
process.exitCode = result.accepted ? 0 : 1;
