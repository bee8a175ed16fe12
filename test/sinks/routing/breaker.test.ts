import { beforeEach, describe, expect, it } from "vitest";
import { Breaker } from "../../../sinks/routing/breaker.js";

const policy = { failures: 3, openMs: 1_000, maxOpenMs: 3_000, probes: 2 };

describe("the circuit breaker", () => {
  let nowMs: number;
  let breaker: Breaker;
  beforeEach(() => {
    nowMs = 1_000_000;
    breaker = new Breaker(policy, () => nowMs);
  });
  const call = (ok: boolean): boolean => {
    const entered = breaker.enter();
    if (entered) breaker.record(ok);
    return entered;
  };

  it("opens after failures in a row, and only in a row", () => {
    for (const ok of [false, false, true, false, false]) call(ok);
    expect(breaker.state).toBe("closed");
    call(false);
    expect(breaker.state).toBe("open");
    expect(breaker.enter()).toBe(false);
    expect(breaker.retryAtMs).toBe(nowMs + 1_000);
  });

  it("lets a few calls through after its time, and closes when all go well", () => {
    for (let failures = 0; failures < 3; failures += 1) call(false);
    nowMs += 1_000;
    expect(breaker.state).toBe("half_open");
    expect([breaker.enter(), breaker.enter(), breaker.enter()]).toEqual([true, true, false]);
    breaker.record(true);
    expect(breaker.state).toBe("half_open");
    breaker.record(true);
    expect(breaker.state).toBe("closed");
  });

  it("opens again, for longer each time, up to a bound", () => {
    for (let failures = 0; failures < 3; failures += 1) call(false);
    const waits: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      waits.push(breaker.retryAtMs - nowMs);
      nowMs = breaker.retryAtMs;
      call(false);
    }
    expect(waits).toEqual([1_000, 2_000, 3_000, 3_000]);
  });

  it("starts over after it closed", () => {
    for (let failures = 0; failures < 3; failures += 1) call(false);
    nowMs += 1_000;
    call(false);
    nowMs += 2_000;
    call(true);
    call(true);
    for (let failures = 0; failures < 3; failures += 1) call(false);
    expect(breaker.retryAtMs - nowMs).toBe(1_000);
  });

  it("takes a probe back that was not made", () => {
    for (let failures = 0; failures < 3; failures += 1) call(false);
    nowMs += 1_000;
    breaker.enter();
    breaker.enter();
    breaker.withdraw();
    expect(breaker.enter()).toBe(true);
  });

  it("is not moved by late answers of calls that were made before it opened", () => {
    for (let calls = 0; calls < 5; calls += 1) breaker.enter();
    for (let failures = 0; failures < 5; failures += 1) breaker.record(false);
    expect(breaker.retryAtMs - nowMs).toBe(1_000);
  });
});
