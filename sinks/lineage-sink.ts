import type { BatchSink } from "../engine/stage.js";
import { newerRecord } from "../schemas/errors.js";
import type { LineageEvent } from "../schemas/generated.js";
import { stepsOf } from "../schemas/lineage-steps.js";
import { isChannel } from "../schemas/vocabulary.js";
import type { LineageStore } from "../stores/lineage-store/lineage-store.js";

/** Whether a request for a channel that is not known fails by this event, as it does in this version. */
const failsAtOnce = (event: LineageEvent): boolean =>
  stepsOf(event).some(
    ({ stage, reason, details }) =>
      stage === "validate" && (reason === "unknown_channel" || reason === "invalid_request" || Object.hasOwn(details, "channel")),
  );

/**
 * Writes the lineage topic into the store: all that a batch holds of one message in one write. A later version keeps the messages of a
 * channel that this one does not know in a collection of their own, so their steps are left to its workers.
 */
export const createLineageSink = (store: Pick<LineageStore, "append" | "find">): BatchSink<LineageEvent> => ({
  name: "lineage-store",
  check: (event) => {
    if (isChannel(event.channel) || failsAtOnce(event)) return undefined;
    return store.find(event.messageId).then((found) => {
      if (!found) throw newerRecord(`the message's channel is ${event.channel}`);
    });
  },
  write: (batch) =>
    store.append(batch.flatMap(({ value, partition, offset }) => stepsOf(value).map((event) => ({ event, partition, offset })))),
});
