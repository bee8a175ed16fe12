import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import { isFinal, statusRank } from "../../schemas/status.js";
import type { LineageEntry, MessageDocument, PositionedEvent, RollupDocument } from "./lineage-store.js";

/** By how much a count of a rollup grows, and by which event. */
export interface Increment {
  readonly rollup: { readonly tenant: string; readonly channel: string; readonly provider: string; readonly day: string };
  readonly field: string;
  readonly partition: number;
  readonly offset: number;
}

const stageOrder: Readonly<Record<LineageStepEvent["stage"], number>> = {
  accept: 0,
  validate: 1,
  enrich: 2,
  route: 3,
  expire_listener: 4,
  dispatch: 5,
  response_handle: 6,
  retry: 7,
  feedback: 8,
  webhook: 9,
  dead_letter: 10,
};

/** The steps before the first attempt, in their order whatever a redelivery says of their times; all others come after. */
const phaseOf = ({ status }: LineageEntry): number =>
  Math.min(status === null ? statusRank.dispatched : statusRank[status], statusRank.dispatched);

const inOrder = (a: LineageEntry, b: LineageEntry): number =>
  phaseOf(a) - phaseOf(b) ||
  a.at.getTime() - b.at.getTime() ||
  a.attempt - b.attempt ||
  stageOrder[a.stage as LineageStepEvent["stage"]] - stageOrder[b.stage as LineageStepEvent["stage"]];

const entryOf = (event: LineageStepEvent): LineageEntry => ({
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

const born = (event: LineageStepEvent): MessageDocument => ({
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

/** A command that came after the message had ended, or that waits for room at a provider, was no attempt. */
const isAttempt = ({ stage, outcome }: LineageStepEvent): boolean =>
  stage === "dispatch" && outcome !== "superseded" && outcome !== "waits";

/** A document while it is folded: everything but its steps, which are gathered beside it. */
type Head = { -readonly [Key in keyof Omit<MessageDocument, "lineage" | "version">]: MessageDocument[Key] };

const apply = (head: Head, event: LineageStepEvent, at: Date): void => {
  const { status, details } = event;
  if (status !== null && !head.final && statusRank[status] > statusRank[head.status]) {
    head.status = status;
    head.final = isFinal(status);
    if (head.final) {
      head.reason = event.reason;
      head.finalAt = at;
    }
  }
  head.to = event.to ?? head.to;
  head.provider = event.provider ?? head.provider;
  if (at > head.updatedAt) head.updatedAt = at;
  if (event.stage === "accept") head.acceptedAt = at;
  else head.lane = event.lane;
  if (isAttempt(event)) head.attempts = Math.max(head.attempts, event.attempt);
  if (event.stage === "enrich" && details.expiresAt) head.expiresAt = new Date(details.expiresAt);
  if (event.outcome === "engaged" && details.event) head.engagement = [...new Set([...head.engagement, details.event])].sort();
};

/** Steps that outsiders can repeat at will: a document keeps this many of them, so that it stays bounded. */
const repeatableMost = 100;
const repeatableOutcomes = new Set(["duplicate", "late", "engaged"]);
const isRepeatable = ({ stage, outcome }: { readonly stage: string; readonly outcome: string }): boolean =>
  repeatableOutcomes.has(outcome) || (stage === "response_handle" && (outcome === "accepted" || outcome === "delayed"));

/** What a rollup counts of one event. */
const fieldsOf = (event: LineageStepEvent, attemptsBefore: number, finalBefore: boolean, after: Head): string[] => {
  const fields: string[] = [];
  if (event.stage === "accept") fields.push("accepted");
  if (after.attempts > attemptsBefore) fields.push("attempts");
  if (after.final && !finalBefore) {
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
  const entries: LineageEntry[] = [];
  const increments: Increment[] = [];
  let repeatable = stored?.lineage.filter(isRepeatable).length ?? 0;
  let head: Head | undefined;
  for (const { event, partition, offset } of events) {
    if (seen.has(event.eventId) || (isRepeatable(event) && repeatable >= repeatableMost)) continue;
    if (isRepeatable(event)) repeatable += 1;
    seen.add(event.eventId);
    head ??= { ...(stored ?? born(event)) };
    const { attempts, final } = head;
    const entry = entryOf(event);
    entries.push(entry);
    apply(head, event, entry.at);
    const { tenant, channel } = event;
    const rollup = { tenant, channel, provider: head.provider ?? "", day: entry.at.toISOString().slice(0, 10) };
    for (const field of fieldsOf(event, attempts, final, head)) increments.push({ rollup, field, partition, offset });
  }
  if (!head) return undefined;
  const lineage = [...(stored?.lineage ?? []), ...entries].sort(inOrder);
  return { document: { ...head, lineage, version: (stored?.version ?? 0) + 1 }, increments };
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

/** A rollup with one more of what the increment counts. */
export const countUp = (stored: RollupDocument | undefined, { rollup, field }: Increment): RollupDocument => ({
  _id: rollupId(rollup),
  ...rollup,
  counts: { ...stored?.counts, [field]: (stored?.counts[field] ?? 0) + 1 },
});

export const rollupId = (rollup: Increment["rollup"]): string => [rollup.tenant, rollup.channel, rollup.provider, rollup.day].join("|");
