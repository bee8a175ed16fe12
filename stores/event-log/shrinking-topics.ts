import { CarillonError } from "../../schemas/errors.js";
import type { TopicSpec } from "./event-log.js";

/** Refuses to shrink topics before anything changes: with fewer partitions, keys would lose their order. */
export const refuseShrinking = (specs: readonly TopicSpec[], existing: (topic: string) => number): void => {
  const shrinking = specs.filter(({ topic, partitions }) => existing(topic) > partitions);
  if (shrinking.length === 0) return;
  const list = shrinking.map(({ topic, partitions }) => `${topic} has ${existing(topic)}, but the configuration sets ${partitions}`);
  throw new CarillonError("PARTITIONS_SHRINK", `partitions can only grow: ${list.join("; ")}`, {
    fix: "configure at least as many partitions as the topic has",
  });
};
