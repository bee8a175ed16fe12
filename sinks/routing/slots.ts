/** A call in hand. */
export interface Slot {
  readonly tenant: string;
  readonly sinceMs: number;
}

/** Calls in hand of one provider: at most so many in all, and of one tenant. */
export class Slots {
  /** The oldest first. */
  private readonly slots = new Set<Slot>();
  private readonly byTenant = new Map<string, number>();

  constructor(
    private readonly most: number,
    private readonly mostOfTenant: number,
  ) {}

  get taken(): number {
    return this.slots.size;
  }

  /** Whether so many calls are in hand since before then. */
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
    const own = this.byTenant.get(tenant) ?? 0;
    if (this.slots.size >= this.most || own >= this.mostOfTenant) return undefined;
    const slot = { tenant, sinceMs: nowMs };
    this.slots.add(slot);
    this.byTenant.set(tenant, own + 1);
    return slot;
  }

  leave(slot: Slot): void {
    if (!this.slots.delete(slot)) return;
    const left = (this.byTenant.get(slot.tenant) ?? 0) - 1;
    if (left > 0) this.byTenant.set(slot.tenant, left);
    else this.byTenant.delete(slot.tenant);
  }
}
