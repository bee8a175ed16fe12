import { expect, it } from "vitest";
import { Pass, type Waiter } from "../../../engine/runtime/pass.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { settled } from "../../support/pass-time.js";

const timeoutMs = 60_000;

const start = () => {
  const clock = createVirtualClock();
  const pass = new Pass({ clock, signal: new AbortController().signal, timeoutMs, turned: () => undefined });
  const ends: string[] = [];
  const wait = (name: string): ((value: unknown) => void) => {
    let arrive: (value: unknown) => void = () => undefined;
    const waiter: Waiter = {
      beganMs: clock.elapsed(),
      over: false,
      answer: (_slot, answer) => {
        pass.leave(waiter);
        ends.push(`${name}: ${answer}`);
      },
      expire: () => {
        pass.leave(waiter);
        ends.push(`${name} expired`);
      },
    };
    const answer = new Promise((resolve) => {
      arrive = resolve;
    });
    pass.wait(waiter, answer);
    pass.flush();
    return arrive;
  };
  return { clock, ends, wait };
};

it("records expire at their own deadlines", () => {
  const { clock, ends, wait } = start();
  wait("first");
  clock.advance(10_000);
  wait("second");
  clock.advance(timeoutMs - 10_000);
  expect(ends).toEqual(["first expired"]);
  clock.advance(10_000);
  expect(ends).toEqual(["first expired", "second expired"]);
});

it("a stall of the process expires no record: answers that arrived meanwhile are read first", async () => {
  const { clock, ends, wait } = start();
  const arrive = wait("answered");
  wait("silent");
  clock.advance(10_000);
  wait("later");
  clock.advance(2 * timeoutMs);
  arrive("done");
  await settled();
  expect(ends).toEqual(["answered: done"]);
  clock.advance(timeoutMs - 1);
  expect(ends).toHaveLength(1);
  clock.advance(1);
  expect(ends).toEqual(["answered: done", "silent expired", "later expired"]);
});
