import { describe, expect, it } from "vitest";
import { type EndingConsumer, superviseConsumer } from "../../stores/event-log/kafka/supervised-consumer.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

class Consumer implements EndingConsumer {
  living = true;
  stopped = false;
  end: (reason: unknown) => void = () => undefined;
  readonly ended = new Promise<unknown>((resolve) => {
    this.end = resolve;
  });
  isLiving = (): boolean => this.living && !this.stopped;
  stop = async (): Promise<void> => {
    this.stopped = true;
  };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

const supervise = async (start: (made: number) => Consumer | Error = () => new Consumer()) => {
  const clock = createVirtualClock(1_000_000);
  const made: Consumer[] = [];
  const errors: unknown[] = [];
  let tries = 0;
  const supervised = await superviseConsumer({
    clock,
    silentMs: 120_000,
    onError: (error) => errors.push(error),
    start: async () => {
      const next = start(tries++);
      if (next instanceof Error) throw next;
      made.push(next);
      return next;
    },
  });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500);
      await settle();
    }
  };
  return { supervised, made, errors, pass, tries: () => tries };
};

describe("a supervised consumer", () => {
  it("is made again whenever it ends, whatever the reason", async () => {
    const { supervised, made, errors, pass } = await supervise();
    for (const reason of [new Error("LZ4 compression not implemented"), new TypeError("null"), "a word", undefined]) {
      made.at(-1)?.end(reason);
      await settle();
      expect(supervised.isLiving()).toBe(false);
      await pass(60_000);
      expect(supervised.isLiving()).toBe(true);
    }
    expect(made).toHaveLength(5);
    expect(made.slice(0, -1).every(({ stopped }) => stopped)).toBe(true);
    expect(errors).toHaveLength(4);
    await supervised.stop();
  });

  it("says why it does not live, and no more once it does", async () => {
    const { supervised, made, pass } = await supervise();
    made[0]?.end(new Error("not authorized"));
    await settle();
    expect(supervised.trouble()).toMatchObject({ code: "UNAVAILABLE", message: "not authorized" });
    await pass(5_000);
    expect(supervised.trouble()).toBeUndefined();
    await supervised.stop();
  });

  it("is tried for ever, with pauses that grow to half a minute", async () => {
    const { supervised, made, pass, tries } = await supervise((made) => (made === 0 ? new Consumer() : new Error("still denied")));
    made[0]?.end(new Error("denied"));
    await pass(32_000);
    const early = tries();
    expect(early).toBeGreaterThanOrEqual(6);
    await pass(300_000);
    expect(tries() - early).toBeGreaterThanOrEqual(9);
    expect(tries() - early).toBeLessThanOrEqual(11);
    expect(supervised.trouble()?.message).toBe("still denied");
    await supervised.stop();
  });

  it("is replaced when it is in no group for too long, though it has not ended", async () => {
    const { supervised, made, pass } = await supervise();
    const [first] = made;
    if (first) first.living = false;
    await pass(119_000);
    expect(made).toHaveLength(1);
    await pass(10_000);
    expect(made).toHaveLength(2);
    expect(first?.stopped).toBe(true);
    await supervised.stop();
  });

  it("makes none after it was stopped", async () => {
    const { supervised, made, pass } = await supervise();
    await supervised.stop();
    made[0]?.end(new Error("late"));
    await pass(60_000);
    expect(made).toHaveLength(1);
    expect(supervised.isLiving()).toBe(false);
  });

  it("rejects when the first one does not start", async () => {
    await expect(supervise(() => new Error("no such topic"))).rejects.toThrow("no such topic");
  });
});
