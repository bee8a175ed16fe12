import type { Config } from "../config/schema.js";

/** Names of topics and groups: `<prefix>.<member>` and `<prefix>.<sub-topology>.<member>`. */
export const namesOf = (config: Pick<Config, "topics">) => ({
  topicOf: (member: string): string => `${config.topics.prefix}.${member}`,
  groupOf: (sub: string, member: string): string => `${config.topics.prefix}.${sub}.${member}`,
});
