import { expect, it } from "vitest";
import { createEgress, type EgressPorts } from "../../processors/egress.js";
import type { DeliveryFeedback } from "../../schemas/generated.js";
import { stageContext } from "../support/stage-context.js";

const feedback = (tenant: string): DeliveryFeedback => ({
  feedbackId: "m-1:delivered",
  messageId: "m-1",
  tenant,
  channel: "email",
  lane: "high",
  kind: "final",
  status: "delivered",
  reason: null,
  attempt: 1,
  provider: "sandbox",
  providerMessageId: null,
  idempotencyKey: null,
  metadata: {},
  to: null,
  at: 0,
  traceparent: null,
  tracestate: null,
});

it("copies the feedback of tenants with topics, unchanged, and no other", () => {
  const egress = createEgress(["shop", "bank"]);
  const { context, emitted } = stageContext<EgressPorts>();
  for (const tenant of ["shop", "other", "Shop", "bank"]) egress.process(feedback(tenant), context);
  expect(emitted).toEqual({ tenantFeedback: [feedback("shop"), feedback("bank")] });
});
