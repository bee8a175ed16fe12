import { defaultLane, isLane } from "./vocabulary.js";

/** The request topic for a message with this lane, without its prefix. */
export const requestsTopicOf = ({ lane }: { readonly lane: string | null }): string =>
  `requests.${lane !== null && isLane(lane) ? lane : defaultLane}`;

/** Whether topics can have the tenant's id in their names. Kafka allows only these characters. */
export const fitsTopicName = (tenant: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(tenant);

/** The topic that only this tenant publishes its messages to, without its prefix. */
export const ingressTopicOf = (tenant: string): string => `ingress.${tenant}`;

/** The topic with the feedback of this tenant alone, without its prefix. */
export const tenantFeedbackTopicOf = (tenant: string): string => `feedback.${tenant}`;

/** A topic's full name. */
export const topicName = (prefix: string, topic: string): string => `${prefix}.${topic}`;
