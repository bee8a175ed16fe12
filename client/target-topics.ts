import type { MessageRequested } from "../schemas/generated.js";
import { ingressTopicOf, requestsTopicOf } from "../schemas/topics.js";
import { lanes } from "../schemas/vocabulary.js";
import type { MessageCheck } from "./check-message.js";
import { idInOrder } from "./id-in-order.js";

/** The topics that a client publishes to, without their prefix. */
export interface TargetTopics {
  readonly all: readonly string[];
  of(request: Pick<MessageRequested, "lane">): string;
  /** A checked message as these topics accept it. */
  check(check: MessageCheck, nowMs: number): MessageCheck;
}

/** The topics of all tenants: one for each lane. */
export const sharedTopics: TargetTopics = {
  all: lanes.map((lane) => requestsTopicOf({ lane })),
  of: requestsTopicOf,
  check: (check) => check,
};

/** The one topic that only this tenant writes. There, the id of a message is derived from its key, so that each message has one. */
export const tenantTopics = (tenant: string): TargetTopics => {
  const topic = ingressTopicOf(tenant);
  return {
    all: [topic],
    of: () => topic,
    check: (check, nowMs) => {
      const { message, errors, warnings } = check;
      if (!message) return check;
      if (message.tenant === null || message.tenant === tenant)
        return { errors, warnings, message: { ...message, idempotencyKey: message.idempotencyKey ?? idInOrder(nowMs) } };
      const foreign = {
        field: "tenant",
        reason: "invalid_request",
        problem: "is not the tenant of the client's topic",
        fix: "leave it out, or use a client of that tenant",
      } as const;
      return { errors: [...errors, foreign], warnings, message: undefined };
    },
  };
};
