import { hashOf } from "./random.js";

interface Happening {
  readonly atMs: number;
  readonly order: number;
  readonly then: () => void;
  undone: boolean;
}

/** Simulated time and its events, one after another: the same in each run of a seed. */
export interface World {
  now(): number;
  /** Milliseconds since the start. */
  elapsedMs(): number;
  /** Schedules `then` after `ms`. Events at the same time run in the order of scheduling. Returns a function that cancels it. */
  after(ms: number, then: () => void): () => void;
  /** Runs the next event and its immediate consequences. Resolves false if there is none before `untilMs`. */
  step(untilMs: number): Promise<boolean>;
  /** Records an event. All events together form the fingerprint. */
  note(what: string): void;
  /** The same in each run of one seed. */
  fingerprint(): string;
  /** The latest events, oldest first. */
  readonly notes: readonly string[];
  readonly steps: number;
}

const keptNotes = 4_000;

const isBefore = (a: Happening, b: Happening): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap. */
class Agenda {
  private readonly heap: Happening[] = [];

  get first(): Happening | undefined {
    return this.heap[0];
  }

  add(happening: Happening): void {
    const { heap } = this;
    let index = heap.length;
    heap.push(happening);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || !isBefore(happening, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = happening;
  }

  takeFirst(): Happening | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (last && heap.length > 0) this.sink(last);
    return first;
  }

  private sink(happening: Happening): void {
    const { heap } = this;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const smaller = right && left && isBefore(right, left) ? right : left;
      if (!smaller || !isBefore(smaller, happening)) break;
      heap[index] = smaller;
      index = smaller === right ? 2 * index + 2 : 2 * index + 1;
    }
    heap[index] = happening;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const createWorld = (startMs: number): World => {
  const agenda = new Agenda();
  const notes: string[] = [];
  let nowMs = startMs;
  let order = 0;
  let steps = 0;
  let print = 0;
  return {
    now: () => nowMs,
    elapsedMs: () => nowMs - startMs,
    after: (ms, then) => {
      const happening = { atMs: nowMs + Math.max(0, ms), order: order++, then, undone: false };
      agenda.add(happening);
      return () => {
        happening.undone = true;
      };
    },
    step: async (untilMs) => {
      for (;;) {
        const { first } = agenda;
        if (!first || first.atMs > untilMs) {
          nowMs = Math.max(nowMs, untilMs);
          return false;
        }
        agenda.takeFirst();
        if (first.undone) continue;
        nowMs = first.atMs;
        steps += 1;
        first.then();
        await settled();
        return true;
      }
    },
    note: (what) => {
      print = (Math.imul(print, 31) + hashOf(`${nowMs} ${what}`)) >>> 0;
      notes.push(`${((nowMs - startMs) / 1_000).toFixed(3).padStart(10)} s  ${what}`);
      if (notes.length > 2 * keptNotes) notes.splice(0, keptNotes);
    },
    fingerprint: () => `${steps}-${print.toString(16).padStart(8, "0")}`,
    notes,
    get steps() {
      return steps;
    },
  };
};
