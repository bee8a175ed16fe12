import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import type { PositionedEvent } from "../../stores/lineage-store/lineage-store.js";
import type { Random } from "../simulation/random.js";

const startMs = Date.UTC(2026, 4, 1, 23, 58);

export interface LineageRecordsOptions {
  readonly messages: number;
  readonly partition: number;
}

/** A step of a message, as in the lineage topic. */
export const lineageStep = (
  tenant: string,
  index: number,
  stage: LineageStepEvent["stage"],
  more: Partial<LineageStepEvent> = {},
): LineageStepEvent => ({
  eventId: `${tenant}-${index}:${stage}:${more.attempt ?? 0}`,
  messageId: `${tenant}-${index}`,
  tenant,
  channel: "sms",
  lane: "high",
  stage,
  outcome: "ok",
  status: null,
  reason: null,
  attempt: 0,
  at: startMs + index * 4_000,
  instance: "test",
  provider: null,
  to: null,
  details: {},
  ...more,
});

const wayOf = (tenant: string, index: number): LineageStepEvent[] => {
  const provider = index % 3 === 0 ? "kaleyra" : "twilio";
  const end: Partial<LineageStepEvent> =
    index % 5 ? { status: "delivered", reason: null } : { status: "failed", reason: "recipient_rejected" };
  return [
    lineageStep(tenant, index, "accept", { status: "accepted", details: index % 2 ? { country: "IN" } : {} }),
    lineageStep(tenant, index, "dispatch", {
      status: "dispatched",
      attempt: 1,
      provider: "kaleyra",
      details: { tookMs: "20", cost: "0.5", currency: "INR" },
    }),
    lineageStep(tenant, index, "dispatch", { status: "dispatched", attempt: 2, provider, details: { tookMs: "30" } }),
    lineageStep(tenant, index, "feedback", { ...end, attempt: 2, provider }),
  ];
};

/** The steps of some messages, one record each, in a random order that preserves each message's own. */
export const lineageRecords = (tenant: string, random: Random, { messages, partition }: LineageRecordsOptions): PositionedEvent[] => {
  const waiting = Array.from({ length: messages }, (_, index) => wayOf(tenant, index));
  const events: PositionedEvent[] = [];
  while (waiting.some((steps) => steps.length > 0)) {
    const event = random.pick(waiting.filter((steps) => steps.length > 0)).shift();
    if (event) events.push({ event, partition, offset: events.length * 2 });
  }
  return events;
};
