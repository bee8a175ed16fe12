import { expect, it } from "vitest";
import { longestDeadlineMs, startDeadline } from "../../stores/start-deadline.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

it("a deadline ends in time, and says that nothing was stalled", () => {
  const clock = createVirtualClock();
  const ends: boolean[] = [];
  startDeadline(10_000, clock, (stalled) => ends.push(stalled));
  clock.advance(9_999);
  expect(ends).toEqual([]);
  clock.advance(1);
  expect(ends).toEqual([false]);
});

it("a deadline that comes late goes on by the stall, and three times at most", () => {
  const clock = createVirtualClock();
  const begunMs = clock.now();
  const ends: boolean[] = [];
  startDeadline(10_000, clock, (stalled) => ends.push(stalled));
  for (let stalls = 0; stalls < 3; stalls += 1) {
    clock.advance(11_000);
    expect(ends).toEqual([]);
  }
  while (ends.length === 0) clock.advance(1);
  expect(ends).toEqual([true]);
  expect(clock.now() - begunMs).toBeLessThan(longestDeadlineMs(10_000));
});

it("a cancelled deadline does not end", () => {
  const clock = createVirtualClock();
  const cancel = startDeadline(10_000, clock, () => expect.unreachable());
  clock.advance(12_000);
  cancel();
  clock.advance(100_000);
});

it("stalls in the middle of a deadline count, although its timer comes in time", () => {
  const clock = createVirtualClock();
  let stalledMs = 0;
  let measuring = 0;
  const stalls = {
    begin: () => {
      measuring += 1;
      return stalledMs;
    },
    soFar: () => stalledMs,
    end: () => {
      measuring -= 1;
    },
  };
  const ends: boolean[] = [];
  startDeadline(10_000, { ...clock, stalls }, (stalled) => ends.push(stalled));
  clock.advance(5_000);
  stalledMs += 4_000;
  clock.advance(5_000);
  expect(ends).toEqual([]);
  clock.advance(3_999);
  expect([ends, measuring]).toEqual([[], 1]);
  clock.advance(1);
  expect([ends, measuring]).toEqual([[true], 0]);
});
