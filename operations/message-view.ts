import type { MessageRequested } from "../schemas/generated.js";
import { defaultLane } from "../schemas/vocabulary.js";
import type { MessageDocument } from "../stores/lineage-store/lineage-store.js";
import { whyOf } from "./why.js";

/** A message in the API's form. */
export interface MessageView {
  readonly id: string;
  readonly channel: string;
  readonly lane: string;
  readonly tenant: string;
  readonly status: string;
  readonly final: boolean;
  readonly reason: string | null;
  readonly attempts: number;
  readonly provider: string | null;
  readonly to: string | null;
  /** The user of the directory that the message is for; null: it was sent to an address. */
  readonly user: string | null;
  readonly template: string | null;
  readonly country: string | null;
  readonly region: string | null;
  readonly engagement: readonly string[];
  /** By currency or `credit`. */
  readonly costs: Readonly<Record<string, number>>;
  /** Status and reason, as a sentence. */
  readonly why: string;
  readonly acceptedAt: string;
  /** The earliest time to send, if the sender gave one. */
  readonly notBefore: string | null;
  readonly sentAt: string | null;
  readonly finalAt: string | null;
  readonly lineage: readonly {
    readonly stage: string;
    readonly outcome: string;
    readonly status: string | null;
    readonly reason: string | null;
    readonly attempt: number;
    readonly at: string;
    readonly provider: string | null;
    readonly instance: string;
    readonly details: Readonly<Record<string, string>>;
  }[];
}

export const viewOf = (document: MessageDocument): MessageView => ({
  id: document._id,
  channel: document.channel,
  lane: document.lane,
  tenant: document.tenant,
  status: document.status,
  final: document.final,
  reason: document.reason,
  attempts: document.attempts,
  provider: document.provider,
  to: document.to,
  user: document.user ?? null,
  template: document.template,
  country: document.country,
  region: document.region,
  engagement: document.engagement,
  costs: Object.fromEntries(Object.entries(document.costs).map(([name, millionths]) => [name, millionths / 1_000_000])),
  why: whyOf(document),
  acceptedAt: document.acceptedAt.toISOString(),
  notBefore: document.notBefore?.toISOString() ?? null,
  sentAt: document.sentAt?.toISOString() ?? null,
  finalAt: document.finalAt?.toISOString() ?? null,
  lineage: document.lineage.map(({ stage, outcome, status, reason, attempt, at, provider, instance, details }) => ({
    stage,
    outcome,
    status,
    reason,
    attempt,
    at: at.toISOString(),
    provider,
    instance,
    details,
  })),
});

/** The view of a message that was accepted so recently that its lineage has not reached the store. */
export const viewOfRequest = (request: MessageRequested, instance: string): MessageView => {
  const at = new Date(request.acceptedAt).toISOString();
  return {
    id: request.id,
    channel: request.channel,
    lane: request.lane ?? defaultLane,
    tenant: request.tenant,
    status: "accepted",
    final: false,
    reason: null,
    attempts: 0,
    provider: null,
    to: request.to,
    user: request.user,
    template: request.template,
    country: null,
    region: null,
    engagement: [],
    costs: {},
    why: "accepted: its lineage is not in the store yet",
    acceptedAt: at,
    notBefore: request.notBefore === null ? null : new Date(request.notBefore).toISOString(),
    sentAt: null,
    finalAt: null,
    lineage: [
      { stage: "accept", outcome: "accepted", status: "accepted", reason: null, attempt: 0, at, provider: null, instance, details: {} },
    ],
  };
};
