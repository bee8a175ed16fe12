import type { FinalStatus } from "../schemas/status.js";
import { keys } from "../stores/keys.js";
import type { LineageEntry, MessageDocument } from "../stores/lineage-store/lineage-store.js";

const finalStatuses = ["delivered", "failed", "expired", "suppressed", "cancelled"] as const satisfies readonly FinalStatus[];

/** The id of the event that a step of the lineage caused, if the step says nothing of the message's end. */
const eventOf = (messageId: string, { eventId, stage, outcome, attempt }: LineageEntry): readonly string[] => {
  const step = `${messageId}:${stage}:${attempt}:${outcome}:`;
  if (!eventId.startsWith(step)) return [];
  const cause = eventId.slice(step.length);
  if (outcome === "engaged") return [`${messageId}:${cause}`];
  return outcome === "duplicate" ? [`${messageId}:duplicate:${cause}`] : [];
};

/** The timers of a message's events that a webhook has not received yet. Excludes the event of its erasure, which has no recipient. */
export const unpostedEvents = ({ _id, final, reason, lineage }: MessageDocument): readonly string[] => {
  const isErased = !final || reason === "recipient_erased";
  const ends = finalStatuses.filter((status) => status !== "cancelled" || !isErased).map((status) => `${_id}:${status}`);
  return [...ends, ...lineage.flatMap((entry) => eventOf(_id, entry))].map(keys.timers.webhook);
};
