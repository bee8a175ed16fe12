import type { Queue } from "../engine/queue.js";
import { defaultLane, lanes } from "../schemas/vocabulary.js";
import { matchesQueue, noQueue } from "./queues.js";

/** A kind of process in a deployment. Together, the roles of a set consume every queue. */
export interface Role {
  readonly name: string;
  /** Patterns of `runtime.queues`. */
  readonly run: readonly string[];
  /** Its work in addition to consuming. */
  readonly does: string;
}

type Duty = Omit<Role, "run">;

/** Kinds of processes, by the name of their set. */
export type Duties = Readonly<Partial<Record<"small" | "large", readonly Duty[]>>>;

/** Few processes, with separate ones for one-time passwords. */
const small: readonly Duty[] = [
  { name: "critical", does: "the critical lane alone" },
  { name: "others", does: "all other lanes, and messages from tenants' topics" },
  { name: "back", does: "receipts, fallbacks, webhooks, feedback to tenants' topics, lineage, timers, jobs" },
];

/** One process per sub-topology and lane, as in the Helm chart. */
const large: readonly Duty[] = [
  { name: "api", does: "messages over HTTP, callbacks, the console" },
  ...lanes.map((lane) => ({
    name: `intake-${lane}`,
    does: `checks ${lane} messages${lane === defaultLane ? ", and those from tenants' topics" : ""}`,
  })),
  ...lanes.map((lane) => ({ name: `dispatch-${lane}`, does: `sends ${lane} messages` })),
  { name: "respond", does: "receipts and fallbacks; timers and providers' own queues, if `runtime` enables them" },
  { name: "notify", does: "feedback to the tenants' webhooks and topics" },
  { name: "record", does: "lineage and rollups; jobs" },
];

/** The kinds of processes that run delivery. */
export const deliveryDuties = { small, large } as const satisfies Duties;

const groupedBy = (queues: readonly Queue[], keyOf: (queue: Queue) => string): readonly (readonly Queue[])[] => {
  const groups = new Map<string, Queue[]>();
  for (const queue of queues) groups.set(keyOf(queue), [...(groups.get(keyOf(queue)) ?? []), queue]);
  return [...groups.values()];
};

const sharedStart = (names: readonly string[]): string => {
  const [first = ""] = names;
  let length = 0;
  while (length < first.length && names.every((name) => name[length] === first[length])) length += 1;
  return first.slice(0, length);
};

const reversed = (text: string): string => [...text].reverse().join("");

/** One pattern that matches exactly these queues, if possible; else their names. */
const patternsOf = (own: readonly Queue[], all: readonly Queue[]): readonly string[] => {
  const names = own.map(({ name }) => name);
  const [start, end] = [sharedStart(names), reversed(sharedStart(names.map(reversed)))];
  const fits = (pattern: string): boolean => all.every(({ name }) => matchesQueue([pattern], name) === names.includes(name));
  const pattern = names.length > 1 ? [`${own[0]?.sub}/*`, `${start}*${end}`].find(fits) : undefined;
  return pattern === undefined ? names : [pattern];
};

/** The shortest patterns for a role's queues: a whole sub-topology, or its topics of one lane. */
const runOf = (own: readonly Queue[], all: readonly Queue[]): readonly string[] =>
  groupedBy(own, ({ sub }) => sub).flatMap((ofSub) => {
    const whole = patternsOf(ofSub, all);
    return whole.length < ofSub.length ? whole : groupedBy(ofSub, ({ lane }) => lane ?? "").flatMap((ofLane) => patternsOf(ofLane, all));
  });

/** The documented roles of a set, with the queues assigned to them. */
export const rolesOf = (set: keyof Duties, queues: readonly Queue[], duties: Duties = deliveryDuties): readonly Role[] =>
  (duties[set] ?? []).map((duty) => {
    const run = runOf(
      queues.filter(({ roles }) => roles[set] === duty.name),
      queues,
    );
    return { ...duty, run: run.length > 0 ? run : [noQueue] };
  });
