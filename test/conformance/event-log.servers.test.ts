import { kafkaClients } from "../../stores/event-log/event-log.js";
import { createKafkaLog } from "../../stores/event-log/kafka/kafka-log.js";
import { serverAddress } from "../support/servers.js";
import { describeEventLog } from "./event-log.js";

for (const client of kafkaClients) {
  describeEventLog({
    name: `Kafka by ${client}`,
    rebalances: true,
    open: async () =>
      createKafkaLog({
        client,
        brokers: [serverAddress("KAFKA")],
        clientId: "test",
        sessionTimeoutMs: 10_000,
        lingerMs: 2,
        replicationFactor: 1,
      }),
  });
}
