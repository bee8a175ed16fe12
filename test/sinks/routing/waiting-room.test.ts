import { expect, it } from "vitest";
import { createWaitingRoom } from "../../../sinks/routing/waiting-room.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

it("wakes one at a time in order of arrival, each at the latest by its time or its signal", async () => {
  const clock = createVirtualClock();
  const room = createWaitingRoom(clock);
  const stop = new AbortController();
  const woken: string[] = [];
  const waits = (["first", "second", "third", "fourth"] as const).map((name, index) =>
    room.wait(1_000 * (index + 1), name === "third" ? stop.signal : new AbortController().signal).then(() => woken.push(name)),
  );
  room.wakeOne();
  await waits[0];
  expect(woken).toEqual(["first"]);
  stop.abort();
  await waits[2];
  await clock.advance(2_000);
  await waits[1];
  expect(woken).toEqual(["first", "third", "second"]);
  room.wakeOne();
  await waits[3];
  room.wakeOne(); // none waits
  expect(woken).toEqual(["first", "third", "second", "fourth"]);
});

it("does not wait if the signal was aborted before", async () => {
  const room = createWaitingRoom(createVirtualClock());
  await expect(room.wait(1_000, AbortSignal.abort())).resolves.toBeUndefined();
});
