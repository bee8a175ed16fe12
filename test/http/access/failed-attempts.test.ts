import { describe, expect, it } from "vitest";
import { createFailedAttempts } from "../../../http/access/failed-attempts.js";

const attemptsOf = (most = 100) => {
  let nowMs = 1_000_000;
  const attempts = createFailedAttempts({ perMinute: 5, most, now: () => nowMs });
  const fail = (address: string, times: number): void => {
    for (let count = 0; count < times; count += 1) attempts.failed(address);
  };
  return { attempts, fail, pass: (ms: number) => (nowMs += ms) };
};

describe("failed authentications", () => {
  it("have an address wait after too many, for as long as it is told", () => {
    const { attempts, fail, pass } = attemptsOf();
    fail("203.0.113.9", 4);
    expect(attempts.waitSeconds("203.0.113.9", "guess")).toBe(0);
    fail("203.0.113.9", 1);
    expect(attempts.waitSeconds("203.0.113.9", "guess")).toBe(12);
    expect(attempts.waitSeconds("203.0.113.10", "guess")).toBe(0);
    pass(11_000);
    expect(attempts.waitSeconds("203.0.113.9", "guess")).toBe(1);
    pass(1_000);
    expect(attempts.waitSeconds("203.0.113.9", "guess")).toBe(0);
    fail("203.0.113.9", 1);
    expect(attempts.waitSeconds("203.0.113.9", "guess")).toBe(12);
    pass(60_000);
    fail("203.0.113.9", 4);
    expect(attempts.waitSeconds("203.0.113.9", "guess")).toBe(0);
  });

  it("count for one IPv4 address however it is written, and for the network of an IPv6 host", () => {
    const { attempts, fail } = attemptsOf();
    fail("::ffff:203.0.113.9", 3);
    fail("203.0.113.9", 2);
    expect(attempts.waitSeconds("203.0.113.9", "guess")).toBeGreaterThan(0);
    for (const host of ["::1", "::2", "ffff:1:2:3", "0:0:0:5", "a:b:c:d"]) fail(`2001:db8:0:1:${host.replace(/^::/, "0:0:0:")}`, 1);
    expect(attempts.waitSeconds("2001:db8:0:1::9", "guess")).toBeGreaterThan(0);
    expect(attempts.waitSeconds("2001:db8:0:2::9", "guess")).toBe(0);
  });

  it("do not lock out who proved itself from there before", () => {
    const { attempts, fail } = attemptsOf();
    attempts.succeeded("203.0.113.9", "right");
    fail("203.0.113.9", 100);
    expect(attempts.waitSeconds("203.0.113.9", "right")).toBe(0);
    expect(attempts.waitSeconds("203.0.113.9", "guess")).toBeGreaterThan(0);
    fail("203.0.113.10", 100);
    expect(attempts.waitSeconds("203.0.113.10", "right")).toBeGreaterThan(0);
  });

  it("are remembered of a bounded number of addresses, the latest", () => {
    const { attempts, fail } = attemptsOf(10);
    for (let host = 1; host <= 11; host += 1) fail(`203.0.113.${host}`, 5);
    expect(attempts.waitSeconds("203.0.113.1", "guess")).toBe(0);
    for (let host = 2; host <= 11; host += 1) expect(attempts.waitSeconds(`203.0.113.${host}`, "guess")).toBeGreaterThan(0);
  });
});
