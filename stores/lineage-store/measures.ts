import type { Group } from "./dimensions.js";
import type { MessageDocument, RollupCounts } from "./lineage-store.js";

/** Upper bounds of the latency histograms, in milliseconds: six a decade, from 10 ms to about a week. */
export const latencyBoundsMs: readonly number[] = Array.from({ length: 8 }, (_, decade) =>
  [1, 1.5, 2, 3, 5, 7].map((step) => step * 10 ** (decade + 1)),
).flat();

/** What takes longer than the last bound. */
export const beyondBounds = "beyond";

/** Name of the histogram's bucket that a latency falls into: its upper bound in milliseconds. */
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

/** Counts that can be added to. */
export type Counts = {
  -readonly [Field in keyof RollupCounts]: RollupCounts[Field] extends number ? number : Record<string, number>;
};

/** Nothing counted yet. */
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
 * What one message adds to the counts of its group, by field (`messages`) or field and name (`statuses.delivered`). A pure
 * function of its document, so that a rollup always equals an aggregation over the documents. All are integers: costs are
 * millionths of their currency.
 */
export const measuresOf = (document: Measured): Record<string, number> => {
  const { status, reason, attempts, engagement, costs, acceptedAt, notBefore, sentAt, finalAt } = document;
  const measures: Record<string, number> = { messages: 1, [`statuses.${status}`]: 1 };
  if (attempts > 0) measures.attempts = attempts;
  if (reason) measures[`reasons.${reason}`] = 1;
  for (const event of engagement) measures[`engagements.${event}`] = 1;
  for (const [currency, millionths] of Object.entries(costs)) measures[`costs.${currency}`] = millionths;
  // a message that was to wait is not late for it
  const dueMs = Math.max(acceptedAt.getTime(), notBefore?.getTime() ?? 0);
  if (sentAt) measures[`toSent.${bucketOf(sentAt.getTime() - dueMs)}`] = 1;
  if (status === "delivered" && finalAt) measures[`toDelivered.${bucketOf(finalAt.getTime() - dueMs)}`] = 1;
  return measures;
};
