import type { Effects } from "./effects.js";

/** Tracks which records of a batch are done, which of those have been sent, and up to where all have been sent. */
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

  /** The records to send now: everything that is done, or, in transactions, only the part without gaps. */
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

  /** Marks these as sent. Returns how many have been sent from the first one on without a gap. */
  markOut(indexes: readonly number[]): number {
    for (const index of indexes) {
      this.out[index] = true;
      this.finished[index] = undefined;
    }
    while (this.prefix < this.size && this.out[this.prefix]) this.prefix += 1;
    return this.prefix;
  }
}
