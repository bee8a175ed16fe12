import { rateAt } from "./demand.js";

/** One lane over a day, minute by minute. */
export interface LaneDay {
  /** Waiting time of a message from each minute, in seconds. */
  readonly waitSeconds: readonly number[];
  readonly worstWaitSeconds: number;
  readonly mostWaiting: number;
}

/** The backlog of a lane that processes at most `capacity` messages per second. A campaign submits all its messages at once. */
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
