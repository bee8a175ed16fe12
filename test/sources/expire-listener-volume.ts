import { expect, it } from "vitest";
import { diagnostics } from "../../engine/diagnostics.js";
import { startExpireListener } from "../../sources/expire-listener.js";
import { systemClock } from "../../stores/clock.js";
import { createMemoryLog } from "../../stores/event-log/memory-log.js";
import type { Timers } from "../../stores/timers/timers.js";
import { eventually } from "../support/eventually.js";

const timerCount = 10_000;
const minuteMs = 60_000;

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export interface TimerRun {
  readonly listener: boolean;
  readonly sweepEveryMs: number;
  readonly count?: number;
  readonly withinMs?: number;
  /** Number of processes that fire timers concurrently. */
  readonly processes?: number;
}

/** 10,000 timers due within a minute: the lateness of each, with the listener and with only the sweeper. */
export const itFiresManyTimers = (
  name: string,
  { listener, sweepEveryMs, count = timerCount, withinMs = minuteMs, processes = 1 }: TimerRun,
  open: () => Promise<Timers>,
): void => {
  it(
    `fires ${count} timers due within ${withinMs / 1_000} s on ${name} in ${processes} process${processes > 1 ? "es" : ""}, ${listener ? "nearly all by the listener" : "all of them by the sweeper alone"}`,
    async () => {
      const timers = await open();
      const log = createMemoryLog(systemClock);
      await log.ensureTopics([{ topic: "fired", partitions: 1, retentionMs: -1 }]);
      const lateness: number[] = [];
      const by = { listener: 0, sweeper: 0 };
      const origin = { instance: name };
      const troubles: unknown[] = [];
      const ends = [
        diagnostics.trouble.subscribe(origin, ({ error }) => void troubles.push(error)),
        diagnostics.timer.subscribe(origin, ({ latenessMs, by: who }) => {
          lateness.push(latenessMs);
          by[who] += 1;
        }),
      ];
      const listeners = await Promise.all(
        Array.from({ length: processes }, () =>
          startExpireListener(
            { listener, sweepEveryMs, graceMs: 1_000, leaseMs: 15_000, batch: 1_000 },
            {
              timers,
              writer: log,
              clock: systemClock,
              origin,
            },
          ),
        ),
      );
      const startMs = Date.now() + 2_000;
      const all = Array.from({ length: count }, (_, index) => ({
        id: `timer-${index}`,
        dueAtMs: startMs + Math.floor((index * withinMs) / count),
        record: { topic: "fired", key: String(index), value: Buffer.from(`payload ${index}`) },
      }));
      for (let start = 0; start < count; start += 500) await timers.schedule(all.slice(start, start + 500));
      await eventually(
        () => lateness.length,
        (fired) => fired >= count,
        withinMs + 30_000,
        250,
      );
      await Promise.all(listeners.map((one) => one.stop()));
      for (const end of ends) end();
      expect(troubles).toEqual([]);
      const fired = await log.scan("fired", count * 2);
      expect(new Set(fired.map(({ key }) => key?.toString())).size).toBe(count);
      expect(fired).toHaveLength(count);
      expect(await timers.pending()).toBe(0);
      const sorted = lateness.sort((a, b) => a - b);
      const [p50, p99, max] = [percentile(sorted, 0.5), percentile(sorted, 0.99), sorted.at(-1)];
      process.stderr.write(
        `\n${count} timers on ${name}, ${processes} at once: p50 ${p50} ms, p99 ${p99} ms, max ${max} ms late; ${by.listener} by listener, ${by.sweeper} by sweeper\n`,
      );
      if (listener) {
        expect(p99).toBeLessThan(500);
        expect(by.listener / count).toBeGreaterThanOrEqual(0.95);
      } else expect(by.listener).toBe(0);
      await timers.close();
    },
    withinMs + 60_000,
  );
};
