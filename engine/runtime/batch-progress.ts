import type { Effects } from "./effects.js";

/** Which records of a batch are done, which of those are out, and how far everything before is out. */
export class BatchProgress {
  private readonly finished: (Effects | undefined)[];
  private readonly out: boolean[];
  private waiting: number[] = [];
  private prefix = 0;

  constructor(private readonly size: number) {
    this.finished = new Array<Effects | undefined>(size);
    this.out = new Array<boolean>(size).fill(false);
  }

  finish(index: number, effects: Effects): void {
    this.finished[index] = effects;
    this.waiting.push(index);
  }

  /** What may leave now: all that is done, or in transactions only the part without gaps. */
  take(withoutGaps: boolean): number[] {
    if (!withoutGaps) {
      const taken = this.waiting;
      this.waiting = [];
      return taken;
    }
    let end = this.prefix;
    while (end < this.size && this.finished[end]) end += 1;
    return Array.from({ length: end - this.prefix }, (_, index) => this.prefix + index);
  }

  effectsOf(indexes: readonly number[]): Effects[] {
    return indexes.flatMap((index) => this.finished[index] ?? []);
  }

  /** Notes that these are out; returns how many from the first on are out without a gap. */
  markOut(indexes: readonly number[]): number {
    for (const index of indexes) {
      this.out[index] = true;
      this.finished[index] = undefined;
    }
    while (this.prefix < this.size && this.out[this.prefix]) this.prefix += 1;
    return this.prefix;
  }
}
