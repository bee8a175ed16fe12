import type { Status } from "./generated.js";

/** Status only moves forward, by this rank and not by arrival. The final ones share the highest rank. */
export const statusRank: Readonly<Record<Status, number>> = {
  accepted: 0,
  validated: 1,
  enriched: 2,
  queued: 3,
  dispatched: 4,
  delivered: 5,
  failed: 5,
  expired: 5,
  suppressed: 5,
  cancelled: 5,
};

export type FinalStatus = "delivered" | "failed" | "expired" | "suppressed" | "cancelled";

export const isFinal = (status: Status): status is FinalStatus => statusRank[status] === 5;
