import type { Group } from "./dimensions.js";
import type { MessageDocument, RollupCounts } from "./lineage-store.js";

/** Upper bounds of the latency histograms, in milliseconds: six per decade, from 10 ms to about a week. */
export const latencyBoundsMs: readonly number[] = Array.from({ length: 8 }, (_, decade) =>
  [1, 1.5, 2, 3, 5, 7].map((step) => step * 10 ** (decade + 1)),
).flat();

/** Bucket of latencies above the last bound. */
export const beyondBounds = "beyond";

/** The histogram bucket of a latency, named after its upper bound in milliseconds. */
export const bucketOf = (latencyMs: number): string => String(latencyBoundsMs.find((bound) => latencyMs <= bound) ?? beyondBounds);

export const groupOf = ({ tenant, channel, provider, lane, country, region, template }: Group): Group => ({
  tenant,
  channel,
  provider,
  lane,
  country,
  region,
  template,
});

/** Counts that can be changed. */
export type Counts = {
  -readonly [Field in keyof RollupCounts]: RollupCounts[Field] extends number ? number : Record<string, number>;
};

/** Zero counts. */
export const noCounts = (): Counts => ({
  messages: 0,
  attempts: 0,
  statuses: {},
  reasons: {},
  engagements: {},
  costs: {},
  toSent: {},
  toDelivered: {},
});

/** The fields that are counted. */
export type Measured = Pick<
  MessageDocument,
  "status" | "reason" | "attempts" | "engagement" | "costs" | "acceptedAt" | "notBefore" | "sentAt" | "finalAt"
>;

/**
 * The contribution of one message to the counts of its group, by field (`messages`) or field and name (`statuses.delivered`). It is a pure
 * function of the document, so that a rollup always equals an aggregation over the documents. All values are integers: costs are millionths
 * of their currency.
 */
export const measuresOf = (document: Measured): Record<string, number> => {
  const { status, reason, attempts, engagement, costs, acceptedAt, notBefore, sentAt, finalAt } = document;
  const measures: Record<string, number> = { messages: 1, [`statuses.${status}`]: 1 };
  if (attempts > 0) measures.attempts = attempts;
  if (reason) measures[`reasons.${reason}`] = 1;
  for (const event of engagement) measures[`engagements.${event}`] = 1;
  for (const [currency, millionths] of Object.entries(costs)) measures[`costs.${currency}`] = millionths;
  // the latency of a scheduled message starts at its scheduled time
  const dueMs = Math.max(acceptedAt.getTime(), notBefore?.getTime() ?? 0);
  if (sentAt) measures[`toSent.${bucketOf(sentAt.getTime() - dueMs)}`] = 1;
  if (status === "delivered" && finalAt) measures[`toDelivered.${bucketOf(finalAt.getTime() - dueMs)}`] = 1;
  return measures;
};
