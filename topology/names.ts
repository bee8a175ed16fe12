import type { Config } from "../config/schema.js";
import type { Queue } from "../engine/queue.js";
import { topicName } from "../schemas/topics.js";

/** Names of topics and groups: `<prefix>.<topic>` and `<prefix>.<sub-topology>.<topic>`. */
export const namesOf = ({ topics: { prefix } }: Pick<Config, "topics">) => ({
  topicOf: (topic: string): string => topicName(prefix, topic),
  groupOf: ({ sub, topic }: Pick<Queue, "sub" | "topic">): string => topicName(prefix, `${sub}.${topic}`),
});
