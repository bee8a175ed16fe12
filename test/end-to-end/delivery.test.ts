import { guarantees } from "../../stores/event-log/event-log.js";
import { describeDelivery } from "./delivery.js";

for (const guarantee of guarantees) describeDelivery({ profile: "embedded", guarantee, processes: 1 });

describeDelivery({ profile: "embedded", guarantee: "at_least_once", processes: 1, threads: 3 });
