/** Calls in hand of one provider: at most so many in all, and of one tenant. */
export class Slots {
  private total = 0;
  private readonly byTenant = new Map<string, number>();

  constructor(
    private readonly most: number,
    private readonly mostOfTenant: number,
  ) {}

  get taken(): number {
    return this.total;
  }

  enter(tenant: string): boolean {
    const own = this.byTenant.get(tenant) ?? 0;
    if (this.total >= this.most || own >= this.mostOfTenant) return false;
    this.total += 1;
    this.byTenant.set(tenant, own + 1);
    return true;
  }

  leave(tenant: string): void {
    const left = (this.byTenant.get(tenant) ?? 0) - 1;
    if (left > 0) this.byTenant.set(tenant, left);
    else this.byTenant.delete(tenant);
    this.total -= 1;
  }
}
