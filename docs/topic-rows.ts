import type { Config } from "../config/schema.js";
import type { TopologyDescription } from "../engine/describe.js";
import { deliveryFamilies } from "../topology/delivery-families.js";
import { deliveryShapeOf } from "../topology/delivery-shape.js";

const rowOf = (name: string, count: number, record: string): string =>
  `| \`carillon.${name}${count > 1 ? ".…" : ""}\` | ${count} | ${record} |`;

/** The rows of docs/reference.md for the topics of a graph, and for the topic that it lacks because no tenant has a webhook. */
export const topicRows = ({ topics }: TopologyDescription, config: Config): readonly string[] => {
  const { name, record, members } = deliveryFamilies(deliveryShapeOf(config)).webhooks;
  return [
    ...topics.map((topic) => rowOf(topic.name, topic.members.length, topic.record)),
    rowOf(name, members.length, `${record.name}, only if a tenant has a webhook`),
  ];
};
