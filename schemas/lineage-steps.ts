import type { LineageEvent, LineageStep } from "./generated.js";

/** One step of one message, and of what message it is. */
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

/** Whether one event can tell the steps of both: they are of the same message, told by the same process. */
export const joinsLineage = (earlier: LineageEvent, later: LineageEvent): boolean =>
  earlier.messageId === later.messageId &&
  earlier.tenant === later.tenant &&
  earlier.channel === later.channel &&
  earlier.lane === later.lane &&
  earlier.instance === later.instance;

/** One event that tells the steps of all, in order. */
export const joinLineage = (events: readonly LineageEvent[]): LineageEvent => {
  const [first, ...others] = events as readonly [LineageEvent, ...LineageEvent[]];
  if (others.length === 0) return first;
  const also = [...first.also];
  for (const event of others) also.push(stepOf(event), ...event.also);
  return { ...first, also };
};

/** The steps that an event tells, in order, each as an event of its own. */
export const stepsOf = ({ also, ...first }: LineageEvent): LineageStepEvent[] => {
  const { messageId, tenant, channel, lane, instance } = first;
  return [first, ...also.map((step) => ({ messageId, tenant, channel, lane, instance, ...step }))];
};
