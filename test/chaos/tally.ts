import type { Guarantee } from "../../stores/event-log/event-log.js";

/** The results of one mode's messages. */
export interface Tally {
  readonly guarantee: Guarantee;
  readonly accepted: number;
  /** The provider never accepted it. */
  readonly lost: number;
  /** The provider accepted it more than once. */
  readonly duplicated: number;
  /** The provider accepted it later than `lateMs` after its acceptance. */
  readonly late: number;
  /** The longest time from acceptance to the provider, in milliseconds. */
  readonly worstMs: number;
  /** Not final when the run ended. */
  readonly open: number;
  /** Reported as delivered although the provider never accepted it, or as not delivered although it did. */
  readonly contradicted: number;
}

export const lateMs = 10_000;

/** One message of the run, from its sender, the provider and the lineage. */
export interface Fate {
  readonly acceptedAtMs: number;
  readonly sentAtMs: readonly number[];
  /** Undefined: not final, or not found. */
  readonly finalStatus: string | undefined;
}

export const tallyOf = (guarantee: Guarantee, fates: readonly Fate[]): Tally => {
  const count = (holds: (fate: Fate) => boolean): number => fates.filter(holds).length;
  const waited = fates.flatMap(({ acceptedAtMs, sentAtMs: [first] }) => (first === undefined ? [] : [first - acceptedAtMs]));
  return {
    guarantee,
    accepted: fates.length,
    lost: count(({ sentAtMs }) => sentAtMs.length === 0),
    duplicated: count(({ sentAtMs }) => sentAtMs.length > 1),
    late: waited.filter((ms) => ms > lateMs).length,
    worstMs: Math.max(0, ...waited),
    open: count(({ finalStatus }) => finalStatus === undefined),
    contradicted: count(({ finalStatus, sentAtMs }) => finalStatus !== undefined && (finalStatus === "delivered") !== sentAtMs.length > 0),
  };
};

/** The promises of a mode that this run broke. If Redis loses its data, only one promise remains: no wrong status is reported. */
export const brokenPromises = (tally: Tally, forgetful: boolean): string[] => {
  const broken: string[] = [];
  if (tally.contradicted > 0) broken.push(`${tally.contradicted} told wrongly`);
  if (forgetful) return broken;
  if (tally.guarantee === "at_most_once") {
    if (tally.duplicated > 0) broken.push(`${tally.duplicated} sent twice`);
    return broken;
  }
  if (tally.lost > 0) broken.push(`${tally.lost} lost`);
  if (tally.open > 0) broken.push(`${tally.open} without a final status`);
  return broken;
};
