import { CarillonError } from "../../schemas/errors.js";
import type { LineageReader } from "../../stores/lineage-store/lineage-store.js";

export interface TurnsOptions {
  /** Queries that run at once. With two or more, one is kept for operators, and one for tenants. */
  readonly most: number;
  /** Longest wait for a turn, in milliseconds. */
  readonly waitMs: number;
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
}

const busy = (problem: string): CarillonError =>
  new CarillonError("BUSY", problem, { fix: "ask again in a few seconds, or for less at once" });

/**
 * Shares a few places among tenants. They take turns, and one that has had its turn goes to the end of the row, so that no
 * tenant's slow queries hold up another's, or an operator's.
 */
export const createTurns = ({ most, waitMs }: TurnsOptions): Turns => {
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

  /** Moves a tenant to the end of the row, or out of it where it neither runs nor waits for anything. */
  const toEnd = (tenant: string | undefined, holder: Holder): void => {
    holders.delete(tenant);
    if (holder.running > 0 || holder.waiting.length > 0) holders.set(tenant, holder);
  };
  /** Whose turn it is; undefined where nobody waits, or has a place left. */
  const nextInRow = (): readonly [string | undefined, Holder] | undefined =>
    [...holders].find(([tenant, holder]) => holder.waiting.length > 0 && mayRun(tenant, holder));
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
    const holder = holders.get(tenant) ?? { running: 0, waiting: [] };
    if (!holders.has(tenant)) holders.set(tenant, holder);
    try {
      await enter(tenant, holder);
    } catch (error) {
      toEnd(tenant, holder);
      throw error;
    }
    try {
      return await work();
    } finally {
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
