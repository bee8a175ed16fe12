import { rateAt } from "./demand.js";

/** One lane over a day, minute by minute. */
export interface LaneDay {
  /** Seconds that a message of that minute waits. */
  readonly waitSeconds: readonly number[];
  readonly worstWaitSeconds: number;
  readonly mostWaiting: number;
}

/**
 * What a lane that is worked off at most at `capacity` messages a second keeps waiting. A campaign hands in its messages
 * at once.
 */
export const dayOf = (
  messagesPerDay: number,
  capacity: number,
  campaigns: readonly { readonly minute: number; readonly messages: number }[] = [],
): LaneDay => {
  const waitSeconds: number[] = [];
  let waiting = 0;
  let mostWaiting = 0;
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    for (const campaign of campaigns) if (campaign.minute === minute) waiting += campaign.messages;
    waiting += rateAt(messagesPerDay, minute) * 60;
    mostWaiting = Math.max(mostWaiting, waiting);
    waiting = Math.max(0, waiting - capacity * 60);
    waitSeconds.push(waiting / capacity);
  }
  return { waitSeconds, mostWaiting, worstWaitSeconds: Math.max(...waitSeconds) };
};
