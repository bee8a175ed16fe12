import { mostThreads } from "../../config/runtime.js";
import { CarillonError } from "../../schemas/errors.js";
import { createLocalCounts, type SlotCounts } from "./slot-counts.js";
import { createTenantTable, tenantTableBytes } from "./tenant-table.js";
import { createThreadLock, lockWords } from "./thread-lock.js";

/** A process's state of its providers. All threads share it and access it one at a time. */
export interface ProviderMemory {
  /** Runs `use` while no other thread of the process has access. Calls can be nested. `use` must not wait for anything. */
  hold<T>(use: () => T): T;
  /** This provider's numbers, initially 0. */
  cellsOf(provider: number): Float64Array;
  countsOf(provider: number): SlotCounts;
  /** Numbers for the process as a whole. */
  readonly common: Float64Array;
  /** The same memory for another thread; undefined if it cannot be shared. */
  readonly shared: SharedArrayBuffer | undefined;
}

export const commonCells = 1;

/** The memory of a single-threaded process. */
export const createLocalMemory = (cellsEach: number): ProviderMemory => ({
  hold: (use) => use(),
  cellsOf: () => new Float64Array(cellsEach),
  countsOf: createLocalCounts,
  common: new Float64Array(commonCells),
  shared: undefined,
});

/** Holds the lock. */
const headerBytes = 16;
/** The main thread and the threads that consume queues. */
const places = mostThreads + 1;
/** Calls in flight of each thread, waiting records of each, and the thread that entered last, counted from 1. */
const countCells = 2 * places + 1;
const cellBytes = Float64Array.BYTES_PER_ELEMENT;

const countsIn = (
  cells: Float64Array,
  tenants: ReturnType<typeof createTenantTable>,
  thread: number,
  hold: ProviderMemory["hold"],
): SlotCounts => {
  const taken = cells.subarray(0, places);
  const waiting = cells.subarray(places, 2 * places);
  const last = cells.subarray(2 * places);
  const total = (): number => taken.reduce((sum, count) => sum + count, 0);
  const own = (): number => taken[thread] ?? 0;
  /** Waiting threads with priority: they have fewer calls in flight, or as many if this thread entered last. */
  const before = (): number => {
    const wasLast = last[0] === thread + 1;
    let count = 0;
    for (let other = 0; other < places; other += 1) {
      if (other === thread || (waiting[other] ?? 0) === 0) continue;
      const theirs = taken[other] ?? 0;
      if (theirs < own() || (theirs === own() && wasLast)) count += 1;
    }
    return count;
  };
  const hasRoom = (most: number): boolean => total() + before() < most;
  return {
    get taken() {
      return hold(total);
    },
    hasRoom: (most) => hold(() => hasRoom(most)),
    enter: (tenant, most, mostOfTenant) =>
      hold(() => {
        if (!hasRoom(most)) return false;
        if (mostOfTenant < most && !tenants.enter(tenant, mostOfTenant)) return false;
        taken[thread] = own() + 1;
        last[0] = thread + 1;
        return true;
      }),
    leave: (tenant) =>
      hold(() => {
        taken[thread] = own() - 1;
        tenants.leave(tenant);
      }),
    wait: () => {
      const add = (count: number): void =>
        hold(() => {
          waiting[thread] = (waiting[thread] ?? 0) + count;
        });
      add(1);
      return () => add(-1);
    },
    get isOthersTurn() {
      return hold(() => before() > 0);
    },
  };
};

export interface SharedMemoryOptions {
  readonly providers: number;
  readonly cellsEach: number;
  /** Index of this thread, from 0. */
  readonly thread: number;
  /** The buffer that the first thread created; created if absent. */
  readonly shared?: SharedArrayBuffer | undefined;
}

/** The memory of a multithreaded process. Throws TOPOLOGY_INVALID if another thread has other providers. */
export const createSharedMemory = ({ providers, cellsEach, thread, shared: given }: SharedMemoryOptions): ProviderMemory => {
  const cellsOfOne = cellsEach + countCells;
  const begin = headerBytes + tenantTableBytes;
  const bytes = begin + (commonCells + providers * cellsOfOne) * cellBytes;
  const shared = given ?? new SharedArrayBuffer(bytes);
  if (shared.byteLength !== bytes)
    throw new CarillonError("TOPOLOGY_INVALID", "the threads of this process do not have the same providers", {
      fix: "create the same providers in the thread module as in the options of the main thread",
    });
  const hold = createThreadLock(new Int32Array(shared, 0, lockWords), thread);
  const table = new Int32Array(shared, headerBytes, tenantTableBytes / 4);
  const cells = new Float64Array(shared, begin);
  const partOf = (provider: number): number => commonCells + provider * cellsOfOne;
  return {
    hold,
    shared,
    common: cells.subarray(0, commonCells),
    cellsOf: (provider) => cells.subarray(partOf(provider), partOf(provider) + cellsEach),
    countsOf: (provider) => {
      const from = partOf(provider) + cellsEach;
      return countsIn(cells.subarray(from, from + countCells), createTenantTable(table, provider), thread, hold);
    },
  };
};
