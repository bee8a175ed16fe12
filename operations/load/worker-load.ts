import type { Queue } from "../../engine/queue.js";
import type { Cells } from "../../stores/cells/cells.js";
import { keys } from "../../stores/keys.js";

/** One process's work on one queue. */
export interface QueueLoad {
  readonly records: number;
  /** Sum of the records' time in flight, in milliseconds. */
  readonly inFlightMs: number;
}

/** One process's recent work. */
export interface WorkerLoad {
  readonly spanMs: number;
  /** CPU time over elapsed time: 0 idle, 1 one core in use. Waiting for a core that other processes use does not count. */
  readonly busy: number;
  /** The queues that it consumes, even without records. Absent in reports from earlier versions. */
  readonly consumes?: readonly string[];
  /** By queue name, sub-topology/topic. */
  readonly queues: Readonly<Record<string, QueueLoad>>;
}

export interface LoadReport {
  /** Adds finished records of a queue and their total time in flight. */
  handled(event: { readonly queue: Pick<Queue, "name">; readonly records: number; readonly inFlightMs: number }): void;
  stop(): void;
}

const group = keys.cells.loads;
const presetEveryMs = 5_000;
const keepMs = 20_000;
/** Number of spans in a report. */
const mostSpans = 6;

interface Span {
  readonly ms: number;
  readonly busyMs: number;
  readonly queues: ReadonlyMap<string, QueueLoad>;
}

const together = (spans: readonly Span[]): WorkerLoad => {
  const spanMs = spans.reduce((sum, { ms }) => sum + ms, 0);
  const queues: Record<string, QueueLoad> = {};
  for (const [queue, { records, inFlightMs }] of spans.flatMap((span) => [...span.queues])) {
    const before = queues[queue] ?? { records: 0, inFlightMs: 0 };
    queues[queue] = { records: before.records + records, inFlightMs: before.inFlightMs + inFlightMs };
  }
  return { spanMs, busy: spans.reduce((sum, { busyMs }) => sum + busyMs, 0) / Math.max(spanMs, 1), queues };
};

/** The recent work of every process, by instance. */
export const readLoads = async (cells: Pick<Cells, "all">): Promise<ReadonlyMap<string, WorkerLoad>> =>
  new Map([...(await cells.all(group))].map(([instance, text]) => [instance, JSON.parse(text) as WorkerLoad]));

/** CPU time of this process so far, over all its threads, in milliseconds. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Reports every five seconds, to all processes, this one's work of the last thirty. */
export const createLoadReport = (
  cells: Pick<Cells, "set">,
  instance: string,
  everyMs = presetEveryMs,
  consumes: readonly Pick<Queue, "name">[] = [],
): LoadReport => {
  const spans: Span[] = [];
  let queues = new Map<string, QueueLoad>();
  let since = performance.now();
  let usedMs = cpuMs();
  const tell = (): void => {
    const nowMs = performance.now();
    const nowUsedMs = cpuMs();
    spans.push({ ms: nowMs - since, busyMs: nowUsedMs - usedMs, queues });
    if (spans.length > mostSpans) spans.shift();
    queues = new Map();
    since = nowMs;
    usedMs = nowUsedMs;
    cells
      .set(group, instance, JSON.stringify({ ...together(spans), consumes: consumes.map(({ name }) => name) }), keepMs)
      .catch(() => undefined); // informational: nothing depends on it
  };
  tell(); // reports at once that it is alive, and its queues
  const timer = setInterval(tell, everyMs);
  timer.unref();
  return {
    handled: ({ queue: { name }, records, inFlightMs }) => {
      const before = queues.get(name) ?? { records: 0, inFlightMs: 0 };
      queues.set(name, { records: before.records + records, inFlightMs: before.inFlightMs + inFlightMs });
    },
    stop: () => clearInterval(timer),
  };
};
