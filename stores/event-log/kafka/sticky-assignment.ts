/** A group member and its previous assignment. */
export interface HoldingMember {
  readonly memberId: string;
  readonly held: Holding;
}

export interface Holding {
  /**
   * When the member received the assignment, in milliseconds since 1970 UTC. Of two members that claim the same partition, the later one
   * wins.
   */
  readonly sinceMs: number;
  readonly partitions: readonly number[];
}

export const nothingHeld: Holding = { sinceMs: 0, partitions: [] };

/** The encoding that members send when they join. */
export const encodeHolding = (holding: Holding): Buffer => Buffer.from(JSON.stringify(holding));

/** Unreadable data, such as from another kind of member, counts as an empty assignment. */
export const decodeHolding = (data: Buffer | null | undefined): Holding => {
  try {
    const { sinceMs, partitions } = JSON.parse(data?.toString() ?? "") as Partial<Holding>;
    const readable = typeof sinceMs === "number" && Array.isArray(partitions) && partitions.every(Number.isInteger);
    return readable ? { sinceMs, partitions } : nothingHeld;
  } catch {
    return nothingHeld;
  }
};

/** The previous owner of each partition, where one is known. */
const ownersOf = (members: readonly HoldingMember[], count: number): Map<number, string> => {
  const owners = new Map<number, string>();
  // later claims overwrite earlier ones
  for (const { memberId, held } of [...members].sort((a, b) => a.held.sinceMs - b.held.sinceMs || (a.memberId < b.memberId ? 1 : -1)))
    for (const partition of held.partitions) if (partition >= 0 && partition < count) owners.set(partition, memberId);
  return owners;
};

/**
 * Assigns each partition to one member, as evenly as possible. Members keep their partitions as far as the assignment stays even, because a
 * partition that does not move needs no takeover. Deterministic, whatever the order of the members.
 */
export const stickyAssignment = (members: readonly HoldingMember[], count: number): ReadonlyMap<string, readonly number[]> => {
  const owners = ownersOf(members, count);
  const kept = new Map(members.map(({ memberId }) => [memberId, [] as number[]]));
  for (let partition = 0; partition < count; partition += 1) kept.get(owners.get(partition) ?? "")?.push(partition);
  const most = (memberId: string): number => kept.get(memberId)?.length ?? 0;
  // the members with the most partitions are first to keep the remainder
  const ranked = [...kept.keys()].sort((a, b) => most(b) - most(a) || (a < b ? -1 : 1));
  const quotas = new Map(
    ranked.map((memberId, index) => [memberId, Math.floor(count / members.length) + (index < count % members.length ? 1 : 0)]),
  );
  const given = new Map(ranked.map((memberId) => [memberId, (kept.get(memberId) ?? []).slice(0, quotas.get(memberId))]));
  const taken = new Set([...given.values()].flat());
  const free = Array.from({ length: count }, (_, partition) => partition).filter((partition) => !taken.has(partition));
  for (const [memberId, own] of given) while (own.length < (quotas.get(memberId) ?? 0)) own.push(free.shift() ?? 0);
  return given;
};
