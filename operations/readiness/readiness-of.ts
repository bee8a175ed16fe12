import type { Config } from "../../config/schema.js";
import type { Stores } from "../../stores/stores.js";
import { namesOf } from "../../topology/names.js";
import type { ConsumerWatch } from "../load/consumer-watch.js";
import type { ReadinessCheck } from "./readiness.js";

/** Everything that this process needs to be ready. A new need is a check of its own here. */
export const readinessOf = (
  config: Pick<Config, "topics">,
  { log, room }: Pick<Stores, "log" | "room">,
  consumers: Pick<ConsumerWatch, "assertLiving">,
): readonly ReadinessCheck[] => [
  {
    name: "log",
    check: async () => {
      const { groupOf, topicOf } = namesOf(config);
      await log.lag(groupOf("record", "lineage"), topicOf("lineage"));
    },
  },
  ...(room ? [{ name: "disk", check: async () => room.assertRoom() }] : []),
  { name: "consumers", check: async () => consumers.assertLiving() },
];
