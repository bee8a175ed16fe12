import type { Config } from "../config/schema.js";
import type { TopologyDescription } from "../engine/describe.js";
import type { AnyFamily } from "../engine/topic-family.js";
import { deliveryFamilies } from "../topology/delivery-families.js";
import { deliveryShapeOf } from "../topology/delivery-shape.js";

const rowOf = (topics: string, count: string, record: string): string => `| \`carillon.${topics}\` | ${count} | ${record} |`;

const optional = ({ record, members: [member] }: AnyFamily, count: string, condition: string): string =>
  rowOf(member?.name ?? "", count, `${record.name}, ${condition}`);

/** The rows of docs/reference.md for the topics of a graph, and for the topics that it lacks because no tenant needs or can use them. */
export const topicRows = ({ topics }: TopologyDescription, config: Config): readonly string[] => {
  const shape = deliveryShapeOf(config);
  const tenantTopics = { ...shape.tenantTopics, tenants: ["<tenant>"] };
  const { webhooks, ingress, tenantFeedback } = deliveryFamilies({ ...shape, tenantTopics });
  return [
    ...topics.map(({ name, record, members }) => rowOf(`${name}${members.length > 1 ? ".…" : ""}`, String(members.length), record)),
    optional(webhooks, "1", "only with `webhooks.tenants` or `encryption.keys`"),
    optional(ingress, "one for each tenant", "only for `tenantTopics.tenants`"),
    optional(tenantFeedback, "one for each tenant", "only for `tenantTopics.tenants`"),
  ];
};
