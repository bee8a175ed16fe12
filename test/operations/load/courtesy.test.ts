import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Courtesy, createCourtesy } from "../../../operations/load/courtesy.js";
import { systemClock } from "../../../stores/clock.js";
import { eventually } from "../../support/eventually.js";

const critical = { urgent: true };
const bulk = { urgent: false };
const receipts = { urgent: false };

/** Keeps the thread so busy that timers run late, until `isEnough`. */
const beBusy = async (forMs: number, isEnough = () => false): Promise<void> => {
  const end = performance.now() + forMs;
  while (performance.now() < end && !isEnough()) {
    const until = performance.now() + 30;
    while (performance.now() < until);
    await systemClock.sleep(0);
  }
};

describe("giving way to critical records", () => {
  let courtesy: Courtesy;
  beforeEach(() => {
    courtesy = createCourtesy();
  });
  afterEach(() => courtesy.stop());

  it("takes nothing from a busy process that has no critical records", async () => {
    await beBusy(600);
    expect(courtesy.limit(bulk, 128)).toBe(128);
  });

  it("leaves the other lanes a sixteenth while the process is busy, and gives it back", async () => {
    courtesy.limit(critical, 64);
    // on a busy machine fewer timers run in the same time
    await beBusy(1_900, () => courtesy.limit(bulk, 128) === 8);
    expect(courtesy.limit(bulk, 128)).toBe(8);
    expect(courtesy.limit(bulk, 16)).toBe(4);
    expect(courtesy.limit(receipts, 128)).toBe(8);
    expect(courtesy.limit(critical, 128)).toBe(128);
    await eventually(
      () => courtesy.limit(bulk, 128),
      (limit) => limit === 128,
    );
  });
});
