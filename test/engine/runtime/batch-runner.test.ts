import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { runBatch } from "../../../engine/runtime/batch-runner.js";
import type { Effects } from "../../../engine/runtime/effects.js";
import type { RecordsInHand } from "../../../engine/runtime/record-handler.js";
import { CarillonError } from "../../../schemas/errors.js";
import type { Guarantee, OutgoingRecord, RecordBatch } from "../../../stores/event-log/event-log.js";
import { passTime, settled, whileTimePasses } from "../../support/pass-time.js";
import { promisedHandler } from "../../support/promised-handler.js";
import { clock, createBatch, effectsOf, run, start } from "./recorded-batch.js";

describe("runBatch", () => {
  it("keeps order within a key while keys run side by side, never more than allowed", async () => {
    const keys = Array.from({ length: 60 }, (_, index) => `k${index % 7}`);
    const { batch } = createBatch(keys);
    const seen: [string, number][] = [];
    let running = 0;
    let most = 0;
    await run(batch, async ({ key, offset }) => {
      running += 1;
      most = Math.max(most, running);
      await clock.sleep((offset * 7) % 5);
      running -= 1;
      seen.push([key?.toString() ?? "", offset]);
      return effectsOf(offset);
    });
    for (const key of new Set(keys)) {
      const own = seen.filter(([name]) => name === key).map(([, offset]) => offset);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    expect(most).toBe(4);
    expect(seen).toHaveLength(60);
  });

  it("leaves no listener on the partition's signal if it cannot start a record", async () => {
    const { batch, stop } = createBatch(["a"]);
    const begin = (): never => {
      throw new Error("no start");
    };
    const handle = (): RecordsInHand => ({ begin, flush: () => undefined, close: () => undefined });
    const options = { guarantee: "at_least_once", concurrency: 1, drainMs: 200, commitEveryMs: 20 } as const;
    const timers = { schedule: async () => undefined, cancel: async () => undefined };
    await expect(runBatch(batch, options, { handle, timers, clock })).rejects.toThrow("no start");
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  });

  it("commits only what everything before is done of, and lets outputs out meanwhile", async () => {
    const { batch, commits, out } = createBatch(["slow", "a", "b", "c"]);
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const running = start(batch, async ({ key, offset }) => {
      if (key?.toString() === "slow") await slow;
      return effectsOf(offset);
    });
    await passTime(clock, 80);
    expect(out.sort()).toEqual(["11", "12", "13"]);
    expect(commits).toEqual([]);
    release();
    await whileTimePasses(clock, running);
    expect(commits).toEqual([14]);
  });

  it("in transactions lets outputs out only with the offsets before which everything is done", async () => {
    const { batch, log } = createBatch(["a", "slow", "b", "c"]);
    await run(
      batch,
      async ({ key, offset }) => {
        if (key?.toString() === "slow") await clock.sleep(80);
        return effectsOf(offset);
      },
      { guarantee: "exactly_once" },
    );
    expect(log).toEqual(["commit 11 with 10", "commit 14 with 11,12,13"]);
  });

  it("in at_most_once commits before it begins", async () => {
    const { batch, log } = createBatch(["a"]);
    await run(
      batch,
      async ({ offset }) => {
        log.push("handled");
        return effectsOf(offset);
      },
      { guarantee: "at_most_once" },
    );
    expect(log).toEqual(["commit 11", "handled", "out 10"]);
  });

  it("in at_most_once commits no more ahead than may be in hand, and after the signal drains all of that", async () => {
    const { batch, stop, commits, out } = createBatch(["a", "a", "a", "b", "c", "d"]);
    const handled: number[] = [];
    await run(
      batch,
      async ({ offset }) => {
        if (offset === 10) stop.abort();
        await clock.sleep(5);
        handled.push(offset);
        return effectsOf(offset);
      },
      { guarantee: "at_most_once", concurrency: 3 },
    );
    expect(commits).toEqual([13]);
    expect(handled).toEqual([10, 11, 12]);
    expect(out).toEqual(["10", "11", "12"]);
  });

  it.each([
    ["at_most_once", ["10"]],
    ["at_least_once", []],
  ] as const)("after a stall longer than the drain, %s sends what ends then: %j", async (guarantee, sent) => {
    const { batch, stop, out } = createBatch(["a"]);
    let release: (effects: ReturnType<typeof effectsOf>) => void = () => undefined;
    const ended = new Promise<ReturnType<typeof effectsOf>>((resolve) => {
      release = resolve;
    });
    const running = start(batch, () => ended, { guarantee, drainMs: 15_000 });
    await settled();
    stop.abort();
    clock.advance(60_000);
    release(effectsOf(10));
    await whileTimePasses(clock, running);
    expect(out).toEqual(sent);
  });

  it("in at_most_once tries to let outputs out until the log takes them, for they do not come again", async () => {
    const { batch, out } = createBatch(["a", "b"]);
    let refusals = 2;
    const append = async (outputs: readonly OutgoingRecord[]): Promise<void> => {
      refusals -= 1;
      if (refusals >= 0) throw new CarillonError("UNAVAILABLE", "no");
      await batch.append(outputs);
    };
    await run({ ...batch, append }, async ({ offset }) => effectsOf(offset), { guarantee: "at_most_once" });
    expect(out.sort()).toEqual(["10", "11"]);
  });

  it("after the signal starts nothing more, drains what is in hand, and commits that", async () => {
    const { batch, stop, commits, out } = createBatch(["a", "b", "c", "d", "e", "f"]);
    const started: number[] = [];
    const running = start(
      batch,
      async ({ offset }) => {
        started.push(offset);
        await clock.sleep(50);
        return effectsOf(offset);
      },
      { concurrency: 2 },
    );
    await passTime(clock, 20);
    stop.abort();
    await whileTimePasses(clock, running);
    expect(started).toEqual([10, 11]);
    expect(commits.at(-1)).toBe(12);
    expect(out).toEqual(["10", "11"]);
  });

  it("gives up draining at its bound, and lets nothing of what ends later out", async () => {
    const { batch, stop, commits, out } = createBatch(["quick", "endless", "later"]);
    let release: () => void = () => undefined;
    const running = start(
      batch,
      async ({ key, offset }) => {
        if (key?.toString() === "endless")
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        return effectsOf(offset);
      },
      { concurrency: 2 },
    );
    await passTime(clock, 30);
    stop.abort();
    await whileTimePasses(clock, running, 201);
    release();
    await settled();
    expect(commits).toEqual([11]);
    expect(out).not.toContain("11");
  });

  it.each<Guarantee>(["at_least_once", "exactly_once"])(
    "in %s commits what was done before a record that must come again",
    async (guarantee) => {
      const { batch, commits } = createBatch(["a", "b", "c"]);
      const failing = run(
        batch,
        async ({ offset }) => {
          if (offset === 11) throw new CarillonError("UNAVAILABLE", "Redis is away");
          return effectsOf(offset);
        },
        { guarantee, concurrency: 1 },
      );
      await expect(failing).rejects.toMatchObject({ code: "UNAVAILABLE" });
      expect(commits.at(-1)).toBe(11);
    },
  );

  it("sets and cancels timers before outputs leave, the last word on each counting", async () => {
    const { batch, log } = createBatch(["k", "k", "k"]);
    const timer = (id: string) => ({ id, dueAtMs: 1, record: { topic: "t", key: "k", value: Buffer.alloc(0) } });
    const told: Effects[] = [
      { outputs: [], schedules: [timer("a"), timer("b")], cancels: [] },
      { outputs: [], schedules: [timer("c")], cancels: ["a", "c", "d"] },
      effectsOf(12),
    ];
    const running = runBatch(
      batch,
      { guarantee: "exactly_once", concurrency: 1, drainMs: 100, commitEveryMs: 1_000 },
      {
        handle: promisedHandler(async ({ offset }) => told[offset - 10] ?? effectsOf(offset)),
        clock,
        timers: {
          schedule: async (timers) => void log.push(`schedule ${timers.map(({ id }) => id).join(",")}`),
          cancel: async (ids) => void log.push(`cancel ${ids.join(",")}`),
        },
      },
    );
    await whileTimePasses(clock, running);
    expect(log.slice(0, 2).sort()).toEqual(["cancel a,d", "schedule b,c"]);
    expect(log[2]).toBe("commit 13 with 12");
  });

  it("commits nothing when outputs could not be appended", async () => {
    const { batch, commits } = createBatch(["a", "b"]);
    const deaf: RecordBatch = { ...batch, append: () => Promise.reject(new CarillonError("UNAVAILABLE", "the broker is away")) };
    await expect(run(deaf, async ({ offset }) => effectsOf(offset))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(commits).toEqual([]);
  });
});
