// A service of one tenant, whose Kafka account may only use the tenant's own topics. CARILLON_KAFKA_BROKERS and
// CARILLON_REGISTRY_URL name the servers, SHOP_KAFKA_PASSWORD the account's password, if the brokers need one.
import { createKafkaClient } from "carillon-client";

const password = process.env.SHOP_KAFKA_PASSWORD;
const client = createKafkaClient({
  brokers: (process.env.CARILLON_KAFKA_BROKERS ?? "127.0.0.1:9092").split(","),
  registryUrl: process.env.CARILLON_REGISTRY_URL ?? "http://127.0.0.1:8081",
  ...(process.env.CARILLON_TOPICS_PREFIX ? { prefix: process.env.CARILLON_TOPICS_PREFIX } : {}),
  ...(password ? { sasl: { mechanism: "plain", username: "shop", password } } : {}),
  tenant: "shop",
  tenantTopic: true,
});

const result = await client.send({
  channel: "email",
  to: "success@sandbox.carillon.test",
  content: { subject: "Your order", text: "It is on its way." },
  idempotencyKey: `order-${Date.now()}`,
});
if (result.accepted) console.log(`The topic of shop has ${result.id}`);
else for (const { field, problem, fix } of result.errors) console.error(`${field} ${problem}: ${fix}`);

await client.close();
process.exitCode = result.accepted ? 0 : 1;
