import { z } from "zod";
import { fitsTopicName } from "../schemas/topics.js";
import { tenantName } from "./keys.js";
import { queue } from "./queues.js";

/** Each tenant has a consumer in each process that runs it. */
const mostTenants = 100;

const topicTenant = tenantName.refine(
  fitsTopicName,
  "cannot be part of a topic's name: use at most 100 letters, digits, dots, underscores and hyphens",
);

/** Kafka does not create a topic whose name differs from another only by dots and underscores. */
const problemOf = (tenants: readonly string[]): string | undefined => {
  const alike = (tenant: string): string => tenant.replaceAll(".", "_");
  const second = tenants.find((tenant, index) => tenants.findIndex((other) => alike(other) === alike(tenant)) < index);
  return second === undefined ? undefined : `Kafka does not distinguish the topics of ${second} from those of another tenant of the list`;
};

/** Topics of tenants with Kafka access. */
export const tenantTopicsSchema = z
  .strictObject({
    ...queue(2, 1),
    tenants: z
      .array(topicTenant)
      .max(mostTenants)
      .superRefine((tenants, context) => {
        const message = problemOf(tenants);
        if (message !== undefined) context.addIssue({ code: "custom", message });
      })
      .default([])
      .describe("tenants that publish to ingress.<tenant> and read feedback.<tenant>; Kafka's ACLs guard these topics"),
  })
  .prefault({})
  .describe("topics of tenants with Kafka access (docs/tenants.md)");
