import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import { isFinal, statusRank } from "../../schemas/status.js";
import type { LineageEntry, MessageDocument, PositionedEvent } from "./lineage-store.js";
import { groupOf } from "./measures.js";
import { type Increment, incrementsOf, isCountedIn, type PositionedIncrement, type Visit } from "./rollup.js";

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
  erase: 11,
};

/** The steps before the first attempt have a fixed order, because redelivery distorts their timestamps. All other steps come after them. */
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
  details: event.details,
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
  template: null,
  country: null,
  region: null,
  engagement: [],
  costs: {},
  acceptedAt: new Date(event.at),
  notBefore: null,
  updatedAt: new Date(event.at),
  sentAt: null,
  finalAt: null,
  expiresAt: null,
  lineage: [],
  version: 0,
});

/** A command that arrived after the message was final, or that is queued for capacity at a provider, was no attempt. */
const isAttempt = ({ stage, outcome }: LineageStepEvent): boolean =>
  stage === "dispatch" && outcome !== "superseded" && outcome !== "deferred";

/** A mutable document during a fold, without its steps, which are gathered separately. */
type Head = { -readonly [Key in keyof MessageDocument]: MessageDocument[Key] };

const moveStatus = (head: Head, { status, reason }: LineageStepEvent, at: Date): void => {
  if (status === null || head.final || statusRank[status] <= statusRank[head.status]) return;
  head.status = status;
  head.final = isFinal(status);
  if (!head.final) return;
  head.reason = reason;
  head.finalAt = at;
};

const noteAcceptance = (head: Head, { details }: LineageStepEvent, at: Date): void => {
  head.acceptedAt = at;
  head.template = details.template ?? null;
  head.country = details.country ?? null;
  head.region = details.region ?? null;
  if (details.user !== undefined) head.user = details.user;
  if (details.recipientId !== undefined) head.recipientId = details.recipientId;
  head.notBefore = details.notBefore ? new Date(details.notBefore) : null;
  head.expiresAt ??= details.expiresAt ? new Date(details.expiresAt) : null;
};

const noteAttempt = (head: Head, { attempt, outcome, details }: LineageStepEvent, at: Date): void => {
  head.attempts = Math.max(head.attempts, attempt);
  if (outcome !== "ok") return;
  const sentAt = new Date(at.getTime() + Number(details.tookMs ?? 0));
  if (head.sentAt === null || sentAt < head.sentAt) head.sentAt = sentAt;
  if (details.cost === undefined) return;
  const paidIn = details.currency ?? details.costMode ?? "credit";
  head.costs = { ...head.costs, [paidIn]: (head.costs[paidIn] ?? 0) + Math.round(Number(details.cost) * 1_000_000) };
};

const apply = (head: Head, event: LineageStepEvent, at: Date): void => {
  const { details } = event;
  // a late receipt of an earlier attempt does not change the provider that decided a final message
  if (!head.final || head.provider === null) head.provider = event.provider ?? head.provider;
  moveStatus(head, event, at);
  head.to = event.to ?? head.to;
  if (at > head.updatedAt) head.updatedAt = at;
  if (event.stage === "accept") noteAcceptance(head, event, at);
  else head.lane = event.lane;
  if (isAttempt(event)) noteAttempt(head, event, at);
  if (event.stage === "enrich" && details.expiresAt) head.expiresAt = new Date(details.expiresAt);
  if (event.outcome === "engaged" && details.event) head.engagement = [...new Set([...head.engagement, details.event])].sort();
};

/** Maximum of steps that third parties can repeat at will, and of the webhook calls that these cause. It keeps documents bounded. */
const repeatableMost = 100;
const repeatableOutcomes = new Set(["duplicate", "late", "engaged"]);
const isRepeatable = ({ stage, outcome }: { readonly stage: string; readonly outcome: string }): boolean =>
  repeatableOutcomes.has(outcome) ||
  stage === "webhook" ||
  (stage === "response_handle" && (outcome === "accepted" || outcome === "delayed"));

export interface Folded {
  readonly document: MessageDocument;
  /** Changes to the counts. */
  readonly increments: readonly Increment[];
  /** All groups that an existing document passed through, including the last. A new document is counted as a whole instead. */
  readonly visits: readonly Visit[];
}

/**
 * Folds the events of one message into its document: each event once, status by rank, steps in order of time.
 * Returns undefined when no event was new.
 */
export const fold = (stored: MessageDocument | undefined, events: readonly PositionedEvent[]): Folded | undefined => {
  const seen = new Set(stored?.lineage.map((entry) => entry.eventId));
  const entries: LineageEntry[] = [];
  let repeatable = stored?.lineage.filter(isRepeatable).length ?? 0;
  let head: Head | undefined;
  const visits: Visit[] = [];
  for (const { event } of events) {
    if (seen.has(event.eventId) || (isRepeatable(event) && repeatable >= repeatableMost)) continue;
    if (isRepeatable(event)) repeatable += 1;
    seen.add(event.eventId);
    head ??= { ...(stored ?? born(event)) };
    const entry = entryOf(event);
    entries.push(entry);
    apply(head, event, entry.at);
    const last = visits.at(-1);
    if (stored && (!last || !isCountedIn(last, head))) visits.push({ group: groupOf(head), acceptedAt: head.acceptedAt });
  }
  if (!head) return undefined;
  head.lineage = stored ? [...stored.lineage, ...entries].sort(inOrder) : entries.sort(inOrder);
  head.version += 1;
  return { document: head, increments: incrementsOf(stored, head), visits };
};

/** The same changes to the counts, each with the log record that causes it. A message's records arrive in order. */
export const incrementsByRecord = (stored: MessageDocument | undefined, events: readonly PositionedEvent[]): PositionedIncrement[] => {
  const increments: PositionedIncrement[] = [];
  let document = stored;
  for (let from = 0; from < events.length; ) {
    const { partition, offset } = events[from] as PositionedEvent;
    let to = from + 1;
    while (events[to]?.offset === offset && events[to]?.partition === partition) to += 1;
    const folded = fold(document, events.slice(from, to));
    document = folded?.document ?? document;
    for (const increment of folded?.increments ?? []) increments.push({ ...increment, partition, offset });
    from = to;
  }
  return increments;
};

/** Groups events by message and keeps their order. */
export const byMessage = (events: readonly PositionedEvent[]): Map<string, PositionedEvent[]> => {
  const groups = new Map<string, PositionedEvent[]>();
  for (const positioned of events) {
    const group = groups.get(positioned.event.messageId);
    if (group) group.push(positioned);
    else groups.set(positioned.event.messageId, [positioned]);
  }
  return groups;
};
