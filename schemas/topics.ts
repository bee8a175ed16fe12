import { defaultLane, isLane } from "./vocabulary.js";

/** The request topic for a message with this lane, without its prefix. */
export const requestsTopicOf = ({ lane }: { readonly lane: string | null }): string =>
  `requests.${lane !== null && isLane(lane) ? lane : defaultLane}`;

/** A topic's full name. */
export const topicName = (prefix: string, topic: string): string => `${prefix}.${topic}`;
