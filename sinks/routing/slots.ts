import { createLocalCounts, type SlotCounts } from "./slot-counts.js";

/** A call in hand. */
export interface Slot {
  readonly tenant: string;
  readonly sinceMs: number;
}

/** Calls in hand of one provider: at most so many in all, and of one tenant. */
export class Slots {
  /** Those of this thread, the oldest first. */
  private readonly slots = new Set<Slot>();

  constructor(
    private readonly most: number,
    private readonly mostOfTenant: number,
    private readonly counts: SlotCounts = createLocalCounts(),
  ) {}

  /** In all threads of the process. */
  get taken(): number {
    return this.counts.taken;
  }

  /** Whether room that came free belongs to another thread. */
  get isOthersTurn(): boolean {
    return this.counts.isOthersTurn;
  }

  /** Whether this thread has so many calls in hand since before then. */
  hasOlder(count: number, thanMs: number): boolean {
    if (this.slots.size < count) return false;
    let older = 0;
    for (const { sinceMs } of this.slots) {
      if (sinceMs > thanMs) return false;
      older += 1;
      if (older >= count) return true;
    }
    return false;
  }

  enter(tenant: string, nowMs: number): Slot | undefined {
    if (!this.counts.enter(tenant, this.most, this.mostOfTenant)) return undefined;
    const slot = { tenant, sinceMs: nowMs };
    this.slots.add(slot);
    return slot;
  }

  leave(slot: Slot): void {
    if (this.slots.delete(slot)) this.counts.leave(slot.tenant);
  }

  /** Lets other threads know that this one waits for room, where there is none. Returns what ends that. */
  wait(): () => void {
    return this.counts.hasRoom(this.most) ? () => undefined : this.counts.wait();
  }
}
