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

/** One event that tells the steps of both, where they are of the same message, told by the same process. */
export const mergeLineage = (earlier: LineageEvent, later: LineageEvent): LineageEvent | undefined => {
  const { messageId, tenant, channel, lane, instance } = later;
  const same =
    earlier.messageId === messageId &&
    earlier.tenant === tenant &&
    earlier.channel === channel &&
    earlier.lane === lane &&
    earlier.instance === instance;
  return same ? { ...earlier, also: [...earlier.also, stepOf(later), ...later.also] } : undefined;
};

/** The steps that an event tells, in order, each as an event of its own. */
export const stepsOf = ({ also, ...first }: LineageEvent): LineageStepEvent[] => {
  const { messageId, tenant, channel, lane, instance } = first;
  return [first, ...also.map((step) => ({ messageId, tenant, channel, lane, instance, ...step }))];
};
