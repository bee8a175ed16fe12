import type { Config } from "../../config/schema.js";
import { queuesOf } from "../../engine/graphs.js";
import type { Stores } from "../../stores/stores.js";
import { namesOf } from "../../topology/names.js";
import type { DeliveryParts } from "../delivery-parts.js";
import type { ConsumerWatch } from "../load/consumer-watch.js";
import type { ReadinessCheck } from "./readiness.js";

/** All readiness checks of this process. Add a new requirement as a check here. */
export const readinessOf = (
  config: Pick<Config, "topics">,
  { graphs }: Pick<DeliveryParts, "graphs">,
  { log, room }: Pick<Stores, "log" | "room">,
  consumers: Pick<ConsumerWatch, "assertLiving">,
): readonly ReadinessCheck[] => [
  {
    name: "log",
    check: async () => {
      const { groupOf, topicOf } = namesOf(config);
      const [queue] = queuesOf(graphs);
      if (queue) await log.lag(groupOf(queue), topicOf(queue.topic));
    },
  },
  ...(room ? [{ name: "disk", check: async () => room.assertRoom() }] : []),
  { name: "consumers", check: async () => consumers.assertLiving() },
];
