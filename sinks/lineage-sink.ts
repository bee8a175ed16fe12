import type { BatchSink } from "../engine/stage.js";
import { newerRecord } from "../schemas/errors.js";
import type { LineageEvent } from "../schemas/generated.js";
import { stepsOf } from "../schemas/lineage-steps.js";
import { isChannel } from "../schemas/vocabulary.js";
import type { LineageStore } from "../stores/lineage-store/lineage-store.js";

/** Whether a request for an unknown channel fails with this event, as in this version. */
const failsAtOnce = (event: LineageEvent): boolean =>
  stepsOf(event).some(
    ({ stage, reason, details }) =>
      stage === "validate" && (reason === "unknown_channel" || reason === "invalid_request" || Object.hasOwn(details, "channel")),
  );

/**
 * Writes the lineage topic to the store, with one write per message and batch. A later version has separate collections for channels that
 * this version does not support, so their steps are left to its workers.
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
