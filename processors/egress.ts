import type { Stage } from "../engine/stage.js";
import type { DeliveryFeedback } from "../schemas/generated.js";

export interface EgressPorts {
  readonly tenantFeedback: DeliveryFeedback;
}

/** Copies the feedback of these tenants into topics of their own. */
export const createEgress = (tenants: readonly string[]): Stage<DeliveryFeedback, void, EgressPorts> => {
  const own = new Set(tenants);
  return {
    name: "egress",
    ports: ["tenantFeedback"],
    process: (feedback, { emit }) => {
      if (own.has(feedback.tenant)) emit("tenantFeedback", feedback);
    },
  };
};
