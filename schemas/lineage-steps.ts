import type { LineageEvent, LineageStep } from "./generated.js";

/** One step of one message, with the message's identity. */
export type LineageStepEvent = Omit<LineageEvent, "also">;

const stepOf = ({ eventId, stage, outcome, status, reason, attempt, at, provider, to, details }: LineageEvent): LineageStep => ({
  eventId,
  stage,
  outcome,
  status,
  reason,
  attempt,
  at,
  provider,
  to,
  details,
});

/** Whether one event can contain the steps of both: they have the same message and process. */
export const joinsLineage = (earlier: LineageEvent, later: LineageEvent): boolean =>
  earlier.messageId === later.messageId &&
  earlier.tenant === later.tenant &&
  earlier.channel === later.channel &&
  earlier.lane === later.lane &&
  earlier.instance === later.instance;

/** One event with the steps of all, in order. */
export const joinLineage = (events: readonly LineageEvent[]): LineageEvent => {
  const [first, ...others] = events as readonly [LineageEvent, ...LineageEvent[]];
  if (others.length === 0) return first;
  const also = [...first.also];
  for (const event of others) also.push(stepOf(event), ...event.also);
  return { ...first, also };
};

/** The steps in an event, in order, each as a separate event. */
export const stepsOf = ({ also, ...first }: LineageEvent): LineageStepEvent[] => {
  const { messageId, tenant, channel, lane, instance } = first;
  return [first, ...also.map((step) => ({ messageId, tenant, channel, lane, instance, ...step }))];
};
