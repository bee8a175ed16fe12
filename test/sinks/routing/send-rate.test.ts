import { expect, it } from "vitest";
import { SendRate } from "../../../sinks/routing/send-rate.js";
import { createMemoryBuckets } from "../../../stores/buckets/memory-buckets.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { passTime, settled } from "../../support/pass-time.js";

const { signal } = new AbortController();
const start = (perSecond: number, burst: number) => {
  const clock = createVirtualClock();
  return { clock, rate: new SendRate("provider:a", { perSecond, burst }, createMemoryBuckets(clock), clock) };
};

it("grants its burst at once, then its rate", async () => {
  const { clock, rate } = start(10, 2);
  const granted: number[] = [];
  const begin = clock.now();
  for (let one = 0; one < 4; one += 1) void rate.take("critical", 5_000, signal).then(() => granted.push(clock.now() - begin));
  await passTime(clock, 500);
  expect(granted).toHaveLength(4);
  expect(granted.slice(0, 2)).toEqual([0, 0]);
  expect(granted[3]).toBeGreaterThanOrEqual(200);
});

it("serves those that wait by lane, then by arrival", async () => {
  const { clock, rate } = start(10, 1);
  await rate.take("critical", 5_000, signal);
  const served: string[] = [];
  for (const lane of ["bulk", "normal", "critical", "high"] as const) void rate.take(lane, 5_000, signal).then(() => served.push(lane));
  await passTime(clock, 1_000);
  expect(served).toEqual(["critical", "high", "normal", "bulk"]);
});

it("does not wait if the signal was aborted before", async () => {
  const { rate } = start(0.1, 1);
  await rate.take("high", 5_000, signal);
  expect(await rate.take("high", 60_000, AbortSignal.abort())).toBe(false);
});

it("gives up in time, or when the signal aborts", async () => {
  const { clock, rate } = start(0.1, 1);
  await rate.take("high", 5_000, signal);
  const stop = new AbortController();
  const [late, stopped] = [rate.take("high", 100, signal), rate.take("high", 60_000, stop.signal)];
  stop.abort();
  await passTime(clock, 101);
  expect(await Promise.all([late, stopped])).toEqual([false, false]);
});

it("does not give up at a deadline that passed while this process was stalled: the token may have come", async () => {
  const clock = createVirtualClock();
  const memory = createMemoryBuckets(clock);
  let arrive: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const take: typeof memory.take = async (...request) => {
    await answered;
    return memory.take(...request);
  };
  const rate = new SendRate("provider:a", { perSecond: 10, burst: 2 }, { ...memory, take }, clock);
  const taken = rate.take("high", 250, signal);
  await settled();
  clock.advance(5_000); // timers run before the answer is read
  arrive();
  expect(await taken).toBe(true);
});

it("a pause holds everybody back, and another rate counts from then on", async () => {
  const { clock, rate } = start(10, 1);
  await rate.pause(1_000);
  rate.reshape(1_000);
  const taken = rate.take("critical", 5_000, signal);
  let done = false;
  void taken.then(() => {
    done = true;
  });
  await passTime(clock, 900);
  expect(done).toBe(false);
  await passTime(clock, 200);
  expect(await taken).toBe(true);
});

it("a store that does not answer grants nothing, and is asked again", async () => {
  const clock = createVirtualClock();
  const buckets = createMemoryBuckets(clock);
  let failures = 2;
  const flaky = {
    ...buckets,
    take: (...given: Parameters<typeof buckets.take>) => {
      failures -= 1;
      return failures >= 0 ? Promise.reject(new Error("Redis is away")) : buckets.take(...given);
    },
  };
  const taken = new SendRate("provider:a", { perSecond: 10, burst: 1 }, flaky, clock).take("high", 5_000, signal);
  await passTime(clock, 600);
  expect(await taken).toBe(true);
});
