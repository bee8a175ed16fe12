import { createLocalCounts, type SlotCounts } from "./slot-counts.js";

/** A call in flight, or a place that is held for one. */
export interface Slot {
  readonly tenant: string;
  /** When the call began; infinite while the place is only held. */
  sinceMs: number;
}

/** One provider's calls in flight, with a limit in total and per tenant. */
export class Slots {
  /** The calls of this thread, oldest first, and between them the places held for calls. */
  private readonly slots = new Set<Slot>();

  constructor(
    private readonly most: number,
    private readonly mostOfTenant: number,
    private readonly counts: SlotCounts = createLocalCounts(),
  ) {}

  /** Total over all threads of the process. */
  get taken(): number {
    return this.counts.taken;
  }

  /** Whether free capacity belongs to another thread. */
  get isOthersTurn(): boolean {
    return this.counts.isOthersTurn;
  }

  /** When the oldest `count` of this thread's calls in flight had begun; undefined if there are fewer. */
  sinceOf(count: number): number | undefined {
    if (this.slots.size < count) return undefined;
    let begun = 0;
    for (const { sinceMs } of this.slots) {
      if (sinceMs === Number.POSITIVE_INFINITY) continue;
      begun += 1;
      if (begun >= count) return sinceMs;
    }
    return undefined;
  }

  enter(tenant: string, nowMs: number): Slot | undefined {
    if (!this.counts.enter(tenant, this.most, this.mostOfTenant)) return undefined;
    const slot = { tenant, sinceMs: nowMs };
    this.slots.add(slot);
    return slot;
  }

  /** Takes a place for a call that has not begun. */
  hold(tenant: string): Slot | undefined {
    return this.enter(tenant, Number.POSITIVE_INFINITY);
  }

  /** The call in a held place begins. */
  begin(slot: Slot, nowMs: number): void {
    if (!this.slots.delete(slot)) return;
    slot.sinceMs = nowMs;
    this.slots.add(slot);
  }

  leave(slot: Slot): void {
    if (this.slots.delete(slot)) this.counts.leave(slot.tenant);
  }

  /** Notifies other threads that this one waits for capacity, if there is none. Returns a function that ends the wait. */
  wait(): () => void {
    return this.counts.hasRoom(this.most) ? () => undefined : this.counts.wait();
  }
}
