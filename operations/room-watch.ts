import type { DiskCondition, DiskRoom, DiskState } from "../stores/disk-room.js";
import type { Logger } from "./telemetry/logger.js";
import type { Metrics } from "./telemetry/metrics.js";

const conditions: Readonly<Record<DiskCondition, number>> = { ok: 0, reserve: 1, full: 2 };
const everyMs = 1_000;

const lines: Readonly<Record<DiskCondition, string>> = {
  ok: "disk space available again: Carillon accepts and delivers messages",
  reserve: "disk full: reserve reached, Carillon accepts no messages until space is freed",
  full: "disk full: writes fail, all stages are paused until space is freed",
};

const movedLine =
  "a file of the store was moved, removed or replaced: Carillon accepts no messages until the file is restored or Carillon is restarted";

/** Updates the metrics of the data folder's disk and logs each change of its condition once. Returns a function that stops it. */
export const watchRoom = (
  room: DiskRoom,
  metrics: Pick<Metrics, "diskFree" | "diskReserve" | "diskCondition">,
  logger: Pick<Logger, "warn" | "error">,
): (() => void) => {
  const measure = (): void => {
    const { folder, condition, freeBytes, reserveBytes } = room.state();
    metrics.diskFree.set({ folder }, freeBytes);
    metrics.diskReserve.set({ folder }, reserveBytes);
    metrics.diskCondition.set({ folder }, conditions[condition]);
  };
  const tell = ({ condition, ...found }: DiskState): void => {
    logger[condition === "ok" ? "warn" : "error"](found, found.moved === undefined ? lines[condition] : movedLine);
    measure();
  };
  const quiet = room.onChange(tell);
  measure();
  const timer = setInterval(measure, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    quiet();
  };
};
