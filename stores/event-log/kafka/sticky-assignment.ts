/** A member of a group, and what it held until now. */
export interface HoldingMember {
  readonly memberId: string;
  readonly held: Holding;
}

export interface Holding {
  /** When it was given them, in milliseconds since 1970 UTC: of two who claim the same partition, the later one is believed. */
  readonly sinceMs: number;
  readonly partitions: readonly number[];
}

export const nothingHeld: Holding = { sinceMs: 0, partitions: [] };

/** As members tell it when they join. */
export const encodeHolding = (holding: Holding): Buffer => Buffer.from(JSON.stringify(holding));

/** What cannot be read, as from a member of another kind, is nothing held. */
export const decodeHolding = (data: Buffer | null | undefined): Holding => {
  try {
    const { sinceMs, partitions } = JSON.parse(data?.toString() ?? "") as Partial<Holding>;
    const readable = typeof sinceMs === "number" && Array.isArray(partitions) && partitions.every(Number.isInteger);
    return readable ? { sinceMs, partitions } : nothingHeld;
  } catch {
    return nothingHeld;
  }
};

/** Whose each partition was, as far as that is known. */
const ownersOf = (members: readonly HoldingMember[], count: number): Map<number, string> => {
  const owners = new Map<number, string>();
  // later claims overwrite earlier ones
  for (const { memberId, held } of [...members].sort((a, b) => a.held.sinceMs - b.held.sinceMs || (a.memberId < b.memberId ? 1 : -1)))
    for (const partition of held.partitions) if (partition >= 0 && partition < count) owners.set(partition, memberId);
  return owners;
};

/**
 * Gives each partition to one member, as evenly as can be, and leaves with each what it held as far as that stays even:
 * what does not move need not be taken over. The same for the same members, in whatever order they come.
 */
export const stickyAssignment = (members: readonly HoldingMember[], count: number): ReadonlyMap<string, readonly number[]> => {
  const owners = ownersOf(members, count);
  const kept = new Map(members.map(({ memberId }) => [memberId, [] as number[]]));
  for (let partition = 0; partition < count; partition += 1) kept.get(owners.get(partition) ?? "")?.push(partition);
  const most = (memberId: string): number => kept.get(memberId)?.length ?? 0;
  // those that hold most have first claim to what does not come out even
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
