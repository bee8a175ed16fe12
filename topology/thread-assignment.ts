import type { Queue } from "../engine/queue.js";

/** The queues that one thread of a process consumes. */
export interface ThreadShare {
  /** Unique among the process's threads. */
  readonly name: string;
  /** Names of queues. */
  readonly queues: readonly string[];
  /** Whether another thread of the process has the urgent queues, so that this one can wait for a core. */
  readonly yields: boolean;
}

type AssignedQueue = Pick<Queue, "name" | "sub" | "lane" | "urgent">;

/** Queues that stay in one thread: a lane, or a sub-topology whose queues have no lane. */
interface Group {
  readonly name: string;
  readonly queues: readonly AssignedQueue[];
}

const groupedBy = (queues: readonly AssignedQueue[], nameOf: (queue: AssignedQueue) => string): readonly Group[] => {
  const groups = new Map<string, AssignedQueue[]>();
  for (const queue of queues) groups.set(nameOf(queue), [...(groups.get(nameOf(queue)) ?? []), queue]);
  return [...groups].map(([name, own]) => ({ name, queues: own }));
};

/** Splits into this many parts: the first groups together, each of the last ones alone. */
const split = (groups: readonly Group[], parts: number): readonly (readonly Group[])[] => {
  const together = groups.length - Math.min(parts, groups.length) + 1;
  return [groups.slice(0, together), ...groups.slice(together).map((group) => [group])];
};

/** Separates lanes from the rest first, then lane from lane, then sub-topology from sub-topology. */
const spread = (lanes: readonly Group[], rest: readonly Group[], parts: number): readonly (readonly Group[])[] => {
  if (lanes.length === 0 || rest.length === 0 || parts < 2) return split([...lanes, ...rest], parts);
  const ofLanes = Math.min(lanes.length, parts - 1);
  return [...split(lanes, ofLanes), ...split(rest, parts - ofLanes)];
};

const unlike = (names: readonly string[]): readonly string[] =>
  names.map((name, index) => (names.indexOf(name) < index ? `${name}-${index}` : name));

const nameOfAll = (groups: readonly Group[]): string => groups.map(({ name }) => name).join("+");

/**
 * Assigns queues to at most `most` threads: urgent queues to one thread and all others to a second. Further threads split the others by
 * lane and by sub-topology. Uses fewer threads if there are fewer groups of queues.
 */
export const assignThreads = (queues: readonly AssignedQueue[], most: number): readonly ThreadShare[] => {
  if (queues.length === 0) return [];
  const urgent = queues.filter((queue) => queue.urgent);
  const others = queues.filter((queue) => !queue.urgent);
  const apart = urgent.length > 0 && others.length > 0 && most > 1;
  const urgentGroups = groupedBy(urgent, ({ sub, lane }) => lane ?? sub);
  const own = apart ? [] : urgentGroups;
  const lanes = groupedBy(
    others.filter(({ lane }) => lane !== null),
    ({ lane }) => lane ?? "",
  );
  const rest = groupedBy(
    others.filter(({ lane }) => lane === null),
    ({ sub }) => sub,
  );
  const parts = Math.max(1, apart ? most - 1 : most);
  const spreadOut = spread([...own, ...lanes], rest, parts);
  const all = apart ? [urgentGroups, ...spreadOut] : spreadOut;
  const names = all.map((groups, index) => (apart && index === 1 && all.length === 2 && groups.length > 1 ? "others" : nameOfAll(groups)));
  const distinct = unlike(names);
  return all.map((groups, index) => ({
    name: distinct[index] ?? "",
    yields: apart && index > 0,
    queues: groups.flatMap((group) => group.queues.map(({ name }) => name)),
  }));
};
