import type { Guarantee } from "../../stores/event-log/event-log.js";

/** What became of the messages of one mode. */
export interface Tally {
  readonly guarantee: Guarantee;
  readonly accepted: number;
  /** The provider never took it. */
  readonly lost: number;
  /** The provider took it more than once. */
  readonly duplicated: number;
  /** The provider took it later than `lateMs` after it was accepted. */
  readonly late: number;
  /** The longest way from accepted to the provider, in milliseconds. */
  readonly worstMs: number;
  /** Without a final status when the run ended. */
  readonly open: number;
  /** Told as delivered though the provider never took it, or as not delivered though it did. */
  readonly contradicted: number;
}

export const lateMs = 10_000;

/** One message of the run, as its sender, the provider and the lineage know it. */
export interface Fate {
  readonly acceptedAtMs: number;
  readonly sentAtMs: readonly number[];
  /** Undefined: not final, or not known. */
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

/** What a mode promises, and this run broke. A Redis that forgets is beyond every promise but one: nothing is told wrongly. */
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
