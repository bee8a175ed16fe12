import type { LineageEvent } from "../../schemas/generated.js";
import { isFinal, statusRank } from "../../schemas/status.js";
import type { LineageEntry, MessageDocument, PositionedEvent } from "./lineage-store.js";

/** By how much a count of a rollup grows, and by which event. */
export interface Increment {
  readonly rollup: { readonly tenant: string; readonly channel: string; readonly provider: string; readonly day: string };
  readonly field: string;
  readonly partition: number;
  readonly offset: number;
}

const stageOrder: Readonly<Record<LineageEvent["stage"], number>> = {
  accept: 0,
  validate: 1,
  enrich: 2,
  route: 3,
  expire_listener: 4,
  dispatch: 5,
  response_handle: 6,
  retry: 7,
  feedback: 8,
  dead_letter: 9,
};

const inOrder = (a: LineageEntry, b: LineageEntry): number =>
  a.at.getTime() - b.at.getTime() ||
  a.attempt - b.attempt ||
  stageOrder[a.stage as LineageEvent["stage"]] - stageOrder[b.stage as LineageEvent["stage"]];

const entryOf = (event: LineageEvent): LineageEntry => ({
  eventId: event.eventId,
  stage: event.stage,
  outcome: event.outcome,
  status: event.status,
  reason: event.reason,
  attempt: event.attempt,
  at: new Date(event.at),
  instance: event.instance,
  provider: event.provider,
  details: { ...event.details },
});

const born = (event: LineageEvent): MessageDocument => ({
  _id: event.messageId,
  tenant: event.tenant,
  channel: event.channel,
  lane: event.lane,
  to: null,
  status: "accepted",
  final: false,
  reason: null,
  attempts: 0,
  provider: null,
  engagement: [],
  acceptedAt: new Date(event.at),
  updatedAt: new Date(event.at),
  finalAt: null,
  expiresAt: null,
  lineage: [],
  version: 0,
});

/** A command that came after the message had ended was no attempt. */
const isAttempt = (event: LineageEvent): boolean => event.stage === "dispatch" && event.outcome !== "superseded";

const apply = (document: MessageDocument, event: LineageEvent): MessageDocument => {
  const entry = entryOf(event);
  const advances = event.status !== null && !document.final && statusRank[event.status] > statusRank[document.status];
  const status = advances && event.status ? event.status : document.status;
  const ended = advances && isFinal(status);
  return {
    ...document,
    to: event.to ?? document.to,
    lane: event.stage === "accept" ? document.lane : event.lane,
    status,
    final: isFinal(status),
    reason: ended ? event.reason : document.reason,
    attempts: Math.max(document.attempts, isAttempt(event) ? event.attempt : 0),
    provider: event.provider ?? document.provider,
    engagement:
      event.outcome === "engaged" && event.details.event
        ? [...new Set([...document.engagement, event.details.event])].sort()
        : document.engagement,
    acceptedAt: event.stage === "accept" ? entry.at : document.acceptedAt,
    updatedAt: new Date(Math.max(entry.at.getTime(), document.updatedAt.getTime())),
    finalAt: ended ? entry.at : document.finalAt,
    expiresAt: event.stage === "enrich" && event.details.expiresAt ? new Date(event.details.expiresAt) : document.expiresAt,
    lineage: [...document.lineage, entry],
  };
};

const fieldsOf = (before: MessageDocument | undefined, after: MessageDocument, event: LineageEvent): string[] => {
  const fields: string[] = [];
  if (event.stage === "accept") fields.push("accepted");
  if (event.stage === "dispatch" && after.attempts > (before?.attempts ?? 0)) fields.push("attempts");
  if (after.final && !before?.final) {
    fields.push(after.status);
    if (after.reason) fields.push(`reason_${after.reason}`);
  }
  return fields;
};

/**
 * Folds the events of one message into its document: each event once, status by rank, steps in order of time.
 * Returns undefined when there was nothing new.
 */
export const fold = (
  stored: MessageDocument | undefined,
  events: readonly PositionedEvent[],
): { readonly document: MessageDocument; readonly increments: readonly Increment[] } | undefined => {
  const seen = new Set(stored?.lineage.map((entry) => entry.eventId));
  let document = stored;
  const increments: Increment[] = [];
  for (const { event, partition, offset } of events) {
    if (seen.has(event.eventId)) continue;
    seen.add(event.eventId);
    const before = document;
    document = apply(document ?? born(event), event);
    const { tenant, channel } = event;
    const rollup = { tenant, channel, provider: document.provider ?? "", day: new Date(event.at).toISOString().slice(0, 10) };
    for (const field of fieldsOf(before, document, event)) increments.push({ rollup, field, partition, offset });
  }
  if (!document || document === stored) return undefined;
  return {
    document: { ...document, lineage: [...document.lineage].sort(inOrder), version: document.version + 1 },
    increments,
  };
};

/** The events of each message, in the order in which they came. */
export const byMessage = (events: readonly PositionedEvent[]): Map<string, PositionedEvent[]> => {
  const groups = new Map<string, PositionedEvent[]>();
  for (const positioned of events) {
    const group = groups.get(positioned.event.messageId);
    if (group) group.push(positioned);
    else groups.set(positioned.event.messageId, [positioned]);
  }
  return groups;
};

export const rollupId = (rollup: Increment["rollup"]): string => [rollup.tenant, rollup.channel, rollup.provider, rollup.day].join("|");
