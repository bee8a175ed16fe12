import type { Queue } from "../../engine/queue.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Cells } from "../../stores/cells/cells.js";
import { readLoads } from "./worker-load.js";

/**
 * Finds queues that no living process consumes, for example after a role was left out of a deployment. Rejects UNAVAILABLE, naming them.
 * Resolves with a summary, also if no process runs at all.
 */
export const findUnconsumed = async (queues: readonly Queue[], cells: Pick<Cells, "all">): Promise<string> => {
  const loads = [...(await readLoads(cells)).values()];
  if (loads.length === 0) return "no process is running";
  if (loads.some(({ consumes }) => consumes === undefined)) return "a process of an earlier version does not report what it consumes";
  const consumed = new Set(loads.flatMap(({ consumes }) => consumes ?? []));
  const all = queues.map(({ name }) => name);
  const missing = all.filter((queue) => !consumed.has(queue));
  if (missing.length > 0)
    throw new CarillonError("UNAVAILABLE", `no live process consumes ${missing.join(", ")}`, {
      fix: `start a process that consumes ${missing.length === 1 ? "it" : "them"} (runtime.queues): CARILLON_QUEUES='${missing.join(",")}'`,
    });
  return `${loads.length === 1 ? "1 process consumes" : `${loads.length} processes consume`} all ${all.length} queues`;
};
