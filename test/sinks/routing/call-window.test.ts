import { expect, it } from "vitest";
import { CallWindow } from "../../../sinks/routing/call-window.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

it("counts calls and failures of its span, which fall out slot by slot", () => {
  const clock = createVirtualClock();
  const window = new CallWindow(15_000, clock.now);
  window.note(true);
  clock.advance(5_000);
  window.note(false);
  expect(window.counts()).toEqual({ calls: 2, failures: 1 });
  clock.advance(10_000);
  expect(window.counts()).toEqual({ calls: 1, failures: 1 });
  clock.advance(86_400_000);
  expect(window.counts()).toEqual({ calls: 0, failures: 0 });
});
