import { guarantees, kafkaClients } from "../../stores/event-log/event-log.js";
import { describeDelivery } from "./delivery.js";

for (const client of kafkaClients)
  for (const guarantee of guarantees) describeDelivery({ profile: "cluster", client, guarantee, processes: 2 });

describeDelivery({ profile: "cluster", guarantee: "at_least_once", processes: 1, threads: 2 });
