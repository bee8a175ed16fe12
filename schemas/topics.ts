import { defaultLane, isLane } from "./vocabulary.js";

/** The topic of requests that a message with this lane goes to, without its prefix. */
export const requestsTopicOf = ({ lane }: { readonly lane: string | null }): string =>
  `requests.${lane !== null && isLane(lane) ? lane : defaultLane}`;

/** A topic's whole name. */
export const topicName = (prefix: string, topic: string): string => `${prefix}.${topic}`;
