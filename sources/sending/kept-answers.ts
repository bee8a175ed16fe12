import { z } from "zod";
import type { Finding } from "../../channels/finding.js";
import { idFromKey } from "../../client/complete-message.js";
import { type SendableChannel, sendableChannels } from "../../client/recipient-input.js";
import type { Config } from "../../config/schema.js";
import { requestKeepMsOf } from "../../processors/validate.js";
import { isReason } from "../../schemas/reasons.js";
import type { Claims } from "../../stores/claims/claims.js";
import type { Clock } from "../../stores/clock.js";
import { keys } from "../../stores/keys.js";
import { conflict, inFlight, type Refused } from "./refused.js";
import type { UserMessage } from "./user-message.js";

/** A message of an answer. */
export interface AcceptedMessage {
  readonly id: string;
  readonly channel: string;
  /** Its step, from 1, if it is part of a fallback. */
  readonly step?: number | undefined;
}

export interface UserAnswer {
  /** At least one. */
  readonly messages: readonly AcceptedMessage[];
  readonly warnings: readonly Finding[];
}

/** The chosen addresses of a user, as ids of messages: it names no address. `channel`: that of the first step. */
export interface Choice {
  readonly channel: SendableChannel;
  readonly ids: readonly string[];
}

/** The right to answer the requests with an idempotency key. */
export interface OpenAnswer {
  /** The kept choice: that of an earlier request that was not answered, or the given one. */
  readonly choice: Choice;
  /** Keeps the answer, once the messages are durable. */
  finish(answer: UserAnswer): Promise<void>;
}

export interface KeptAnswers {
  /** The answer to an earlier request with the key; undefined if none was answered. */
  find(message: UserMessage, idempotencyKey: string): Promise<UserAnswer | Refused | undefined>;
  /**
   * Keeps the choice before its messages are appended, so that a repeat after a crash appends the same ones. `owner`: identifies the
   * request. Requests of one owner do not wait for each other.
   */
  open(message: UserMessage, idempotencyKey: string, choice: Choice, owner: string): Promise<OpenAnswer | UserAnswer | Refused>;
}

/** A request that was not answered by then is taken over by the next one with its key. */
const leaseMs = 10_000;
const leastKeepMs = 86_400_000;
/** A larger answer is kept without its warnings. */
const mostBytes = 4_096;

const finding = z.object({
  field: z.string(),
  reason: z.custom<Finding["reason"]>((value) => isReason(String(value))),
  problem: z.string(),
  fix: z.string(),
});
const answerShape = z.object({
  messages: z.array(z.object({ id: z.string(), channel: z.string(), step: z.number().optional() })).min(1),
  warnings: z.array(finding),
});
const choiceShape = z.object({ channel: z.enum(sendableChannels), ids: z.array(z.string()) });

const answerOf = (kept: string): UserAnswer => answerShape.parse(JSON.parse(kept));

const textOf = (answer: UserAnswer): string => {
  const whole = JSON.stringify(answer);
  return Buffer.byteLength(whole) <= mostBytes ? whole : JSON.stringify({ ...answer, warnings: [] });
};

/** Keeps the answers to messages to users by their idempotency keys, because a repeat could find other addresses. */
export const createKeptAnswers = (
  claims: Pick<Claims, "claim" | "complete" | "decide" | "decided" | "recorded">,
  config: Pick<Config, "channels" | "limits" | "delivery">,
  clock: Pick<Clock, "now">,
): KeptAnswers => {
  const { channels, limits, delivery } = config;
  const policy = { channels, limits, stateRetentionMs: delivery.stateRetentionMs };
  return {
    find: async (message, idempotencyKey) => {
      const id = idFromKey(message.tenant, idempotencyKey);
      const kept = await claims.recorded(keys.claims.answer(id));
      if (kept === undefined) return undefined;
      return (await claims.decided(keys.claims.digest(id))) === message.digest() ? answerOf(kept) : conflict;
    },
    open: async (message, idempotencyKey, choice, owner) => {
      const id = idFromKey(message.tenant, idempotencyKey);
      const keepMs = Math.max(requestKeepMsOf(message, policy, clock.now()), leastKeepMs);
      const digest = message.digest();
      if ((await claims.decide(keys.claims.digest(id), digest, keepMs)) !== digest) return conflict;
      const answerKey = keys.claims.answer(id);
      const claim = await claims.claim(answerKey, owner, leaseMs, keepMs);
      if (claim.state === "held") return inFlight(Math.max(claim.leaseEndsAtMs - clock.now(), 0));
      if (claim.state === "done") return answerOf(claim.outcome);
      const kept = await claims.decide(keys.claims.choice(id), JSON.stringify(choice), keepMs);
      return {
        choice: choiceShape.parse(JSON.parse(kept)),
        finish: async (answer) => {
          await claims.complete(answerKey, textOf(answer), keepMs);
        },
      };
    },
  };
};
