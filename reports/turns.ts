import { CarillonError } from "../schemas/errors.js";
import type { LineageReader } from "../stores/lineage-store/lineage-store.js";

export interface TurnsOptions {
  /** Most concurrent queries. With two or more, one is reserved for operators and one for tenants. */
  readonly most: number;
  /** Longest wait for a turn, in milliseconds. */
  readonly waitMs: number;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Runs work in its tenant's turn (undefined: operators). Rejects BUSY if too many queries wait, or one waits too long. */
export type Turns = <T>(tenant: string | undefined, work: () => Promise<T>) => Promise<T>;

/** A search makes eight queries at once, and a tenant may have several searches waiting. */
const mostWaiting = { each: 64, all: 1_024 } as const;

interface Waiting {
  readonly start: () => void;
  readonly late: NodeJS.Timeout;
}

interface Holder {
  running: number;
  readonly waiting: Waiting[];
  /** Total time of its queries, in milliseconds, as of `spentAtMs`. */
  spentMs: number;
  spentAtMs: number;
}

/** Smaller differences count as equal time. */
const sameMs = 10;

const busy = (problem: string): CarillonError =>
  new CarillonError("BUSY", problem, { fix: "retry in a few seconds, or with fewer concurrent queries" });

/** Queues a query. Resolves with its turn, and rejects BUSY after `waitMs`. */
const turnOf = ({ waiting }: Holder, waitMs: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const entry: Waiting = {
      start: () => {
        clearTimeout(entry.late);
        resolve();
      },
      late: setTimeout(() => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(busy(`the query was queued for more than ${waitMs} ms`));
      }, waitMs),
    };
    waiting.push(entry);
  });

/**
 * Shares a few places among tenants. The next turn goes to the tenant with the least recent time, so that a search with eight short queries
 * does not wait eight times for others' slow ones. Among equals, a tenant that had a turn moves to the end of the queue.
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

  /** Used time decays by half within the longest wait. */
  const spentOf = ({ spentMs, spentAtMs }: Holder): number => spentMs * 2 ** (-(now() - spentAtMs) / waitMs);
  const spend = (holder: Holder, ms: number): void => {
    holder.spentMs = spentOf(holder) + ms;
    holder.spentAtMs = now();
  };
  const isIdle = ({ running, waiting }: Holder): boolean => running === 0 && waiting.length === 0;
  /** Moves a tenant to the end of the queue, and removes tenants without running, waiting or recent queries. */
  const toEnd = (tenant: string | undefined, holder: Holder): void => {
    holders.delete(tenant);
    holders.set(tenant, holder);
    for (const [other, one] of holders) if (isIdle(one) && spentOf(one) < sameMs) holders.delete(other);
  };
  /** The tenant with the next turn; undefined if none waits or none may take another place. */
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
      return Promise.reject(busy("too many queries are queued"));
    return turnOf(holder, waitMs);
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

/** A reader whose queries each wait for their tenant's turn. */
export const inTurns = (reader: LineageReader, turns: Turns, tenant: string | undefined): LineageReader => ({
  query: (...given) => turns(tenant, () => reader.query(...given)),
  count: (...given) => turns(tenant, () => reader.count(...given)),
  aggregate: (...given) => turns(tenant, () => reader.aggregate(...given)),
  sum: (...given) => turns(tenant, () => reader.sum(...given)),
});
