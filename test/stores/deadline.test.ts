import { expect, it } from "vitest";
import { withinDeadline } from "../../stores/deadline.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { settled } from "../support/pass-time.js";

const start = () => {
  const clock = createVirtualClock();
  let arrive: (answer: string) => void = () => undefined;
  const work = new Promise<string>((resolve) => {
    arrive = resolve;
  });
  return { clock, arrive: (answer: string) => arrive(answer), answer: withinDeadline("Redis", 10_000, work, clock) };
};

it("rejects once the server has not responded in time", async () => {
  const { clock, answer } = start();
  const rejected = expect(answer).rejects.toMatchObject({ code: "UNAVAILABLE", message: "Redis did not respond within 10000 ms" });
  clock.advance(10_000);
  await rejected;
});

it("resolves with an answer that arrived while the process was stalled", async () => {
  const { clock, arrive, answer } = start();
  clock.advance(60_000); // timers run before the answer is read
  await settled();
  arrive("OK");
  expect(await answer).toBe("OK");
  expect(clock.nextInMs()).toBeUndefined();
});
