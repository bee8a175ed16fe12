import { ask } from "../engine/ask.js";
import type { Stage } from "../engine/stage.js";
import type { Codec } from "../schemas/codec.js";
import type { DispatchCommand } from "../schemas/generated.js";
import { noContent } from "../schemas/no-content.js";
import type { Claims } from "../stores/claims/claims.js";
import type { MessageCache } from "../stores/message-cache/message-cache.js";
import { type ConclusionPorts, conclude } from "./conclude.js";
import type { DeliveryPolicy } from "./policy.js";
import type { Ending } from "./retry.js";

export interface FeedbackDependencies {
  readonly claims: Pick<Claims, "decideAll">;
  readonly cache: Pick<MessageCache, "putAll">;
  readonly codec: Codec<DispatchCommand>;
  readonly policy: DeliveryPolicy;
}

/** Ends a message: sends its one final status to lineage and to the sender. */
export const createFeedback = ({ claims, cache, codec, policy }: FeedbackDependencies): Stage<Ending, void, ConclusionPorts> => ({
  name: "feedback",
  ports: ["lineage", "feedback", "fallbacks"],
  process: function* ({ conclusion, command }, context) {
    const isDecided = yield* conclude(context, claims, policy.stateRetentionMs, conclusion);
    // later engagement needs the message's identity, but never its content
    if (!isDecided) return;
    const value = codec.encode({ ...command, content: noContent });
    yield* ask(cache.putAll, { messageId: command.messageId, value, ttlMs: policy.stateRetentionMs });
  },
});
