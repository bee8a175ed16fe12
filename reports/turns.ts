import { CarillonError } from "../schemas/errors.js";
import type { LineageReader } from "../stores/lineage-store/lineage-store.js";

export interface TurnsOptions {
  /** Queries that run at once. With two or more, one is kept for operators, and one for tenants. */
  readonly most: number;
  /** Longest wait for a turn, in milliseconds. */
  readonly waitMs: number;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Runs work when it is the turn of its tenant (undefined: operators). Rejects BUSY where too much waits, or for too long. */
export type Turns = <T>(tenant: string | undefined, work: () => Promise<T>) => Promise<T>;

/** A search asks eight queries at once; a tenant may have a few of them waiting. */
const mostWaiting = { each: 64, all: 1_024 } as const;

interface Waiting {
  readonly start: () => void;
  readonly late: NodeJS.Timeout;
}

interface Holder {
  running: number;
  readonly waiting: Waiting[];
  /** How long its queries ran, in milliseconds, as of `spentAtMs`. */
  spentMs: number;
  spentAtMs: number;
}

/** Queries that differ by less took the same time. */
const sameMs = 10;

const busy = (problem: string): CarillonError =>
  new CarillonError("BUSY", problem, { fix: "ask again in a few seconds, or for less at once" });

/**
 * Shares a few places among tenants. The next turn belongs to whoever had the least time of late, so that a search of eight
 * short queries does not wait eight times for slow ones of others. Among equals, who had a turn goes to the end of the row.
 */
export const createTurns = ({ most, waitMs, now }: TurnsOptions): Turns => {
  const holders = new Map<string | undefined, Holder>();
  const shared = Math.max(1, most - 1);
  const share = (tenant: string | undefined): number => (tenant === undefined ? shared : Math.max(1, shared - 1));
  const running = (of: (tenant: string | undefined) => boolean): number =>
    [...holders].reduce((sum, [tenant, holder]) => sum + (of(tenant) ? holder.running : 0), 0);
  const mayRun = (tenant: string | undefined, holder: Holder): boolean =>
    running(() => true) < most &&
    holder.running < share(tenant) &&
    (tenant === undefined || running((other) => other !== undefined) < shared);
  const waitingInAll = (): number => [...holders.values()].reduce((sum, { waiting }) => sum + waiting.length, 0);

  /** Half of the time that a tenant has had is forgotten within the longest wait. */
  const spentOf = ({ spentMs, spentAtMs }: Holder): number => spentMs * 2 ** (-(now() - spentAtMs) / waitMs);
  const spend = (holder: Holder, ms: number): void => {
    holder.spentMs = spentOf(holder) + ms;
    holder.spentAtMs = now();
  };
  const isIdle = ({ running, waiting }: Holder): boolean => running === 0 && waiting.length === 0;
  /** Moves a tenant to the end of the row, and out of it whoever neither runs, nor waits, nor ran for long. */
  const toEnd = (tenant: string | undefined, holder: Holder): void => {
    holders.delete(tenant);
    holders.set(tenant, holder);
    for (const [other, one] of holders) if (isIdle(one) && spentOf(one) < sameMs) holders.delete(other);
  };
  /** Whose turn it is; undefined where nobody waits, or has a place left. */
  const nextInRow = (): readonly [string | undefined, Holder] | undefined =>
    [...holders]
      .filter(([tenant, holder]) => holder.waiting.length > 0 && mayRun(tenant, holder))
      .map(([tenant, holder]) => ({ tenant, holder, share: Math.floor(spentOf(holder) / sameMs) }))
      .sort((one, other) => one.share - other.share)
      .map(({ tenant, holder }) => [tenant, holder] as const)[0];
  const startWaiting = (): void => {
    for (let next = nextInRow(); next; next = nextInRow()) {
      const [, holder] = next;
      holder.running += 1;
      holder.waiting.shift()?.start();
    }
  };
  const enter = (tenant: string | undefined, holder: Holder): Promise<void> => {
    if (holder.waiting.length === 0 && mayRun(tenant, holder)) {
      holder.running += 1;
      return Promise.resolve();
    }
    if (holder.waiting.length >= mostWaiting.each || waitingInAll() >= mostWaiting.all)
      return Promise.reject(busy("too many queries are waiting"));
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        start: () => {
          clearTimeout(entry.late);
          resolve();
        },
        late: setTimeout(() => {
          holder.waiting.splice(holder.waiting.indexOf(entry), 1);
          reject(busy(`no turn came within ${waitMs} ms`));
        }, waitMs),
      };
      holder.waiting.push(entry);
    });
  };
  return async (tenant, work) => {
    const holder = holders.get(tenant) ?? { running: 0, waiting: [], spentMs: 0, spentAtMs: now() };
    if (!holders.has(tenant)) holders.set(tenant, holder);
    try {
      await enter(tenant, holder);
    } catch (error) {
      toEnd(tenant, holder);
      throw error;
    }
    const startedAtMs = now();
    try {
      return await work();
    } finally {
      spend(holder, now() - startedAtMs);
      holder.running -= 1;
      toEnd(tenant, holder);
      startWaiting();
    }
  };
};

/** A reader whose every query waits for the turn of its tenant. */
export const inTurns = (reader: LineageReader, turns: Turns, tenant: string | undefined): LineageReader => ({
  query: (...given) => turns(tenant, () => reader.query(...given)),
  count: (...given) => turns(tenant, () => reader.count(...given)),
  aggregate: (...given) => turns(tenant, () => reader.aggregate(...given)),
  sum: (...given) => turns(tenant, () => reader.sum(...given)),
});
