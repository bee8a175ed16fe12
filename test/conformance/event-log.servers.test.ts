import { createKafkaLog } from "../../stores/event-log/kafka/kafka-log.js";
import { serverAddress } from "../support/servers.js";
import { describeEventLog } from "./event-log.js";

describeEventLog({
  name: "Kafka by kafkajs",
  rebalances: true,
  open: async () =>
    createKafkaLog({ brokers: [serverAddress("KAFKA")], clientId: "test", sessionTimeoutMs: 10_000, lingerMs: 2, replicationFactor: 1 }),
});
