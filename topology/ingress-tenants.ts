import type { Config } from "../config/schema.js";
import { ingressTopicOf } from "../schemas/topics.js";
import { namesOf } from "./names.js";

/** The tenant that alone publishes to a topic (with its prefix); undefined for the other topics. */
export type IngressTenants = (topic: string) => string | undefined;

export const ingressTenantsOf = (config: Pick<Config, "topics" | "tenantTopics">): IngressTenants => {
  const { topicOf } = namesOf(config);
  const tenants = new Map(config.tenantTopics.tenants.map((tenant) => [topicOf(ingressTopicOf(tenant)), tenant]));
  return (topic) => tenants.get(topic);
};
