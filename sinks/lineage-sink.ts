import type { BatchSink } from "../engine/stage.js";
import type { LineageEvent } from "../schemas/generated.js";
import { stepsOf } from "../schemas/lineage-steps.js";
import type { LineageStore } from "../stores/lineage-store/lineage-store.js";

/** Writes the lineage topic into the store: all that a batch holds of one message in one write. */
export const createLineageSink = (store: Pick<LineageStore, "append">): BatchSink<LineageEvent> => ({
  name: "lineage-store",
  write: (batch) =>
    store.append(batch.flatMap(({ value, partition, offset }) => stepsOf(value).map((event) => ({ event, partition, offset })))),
});
