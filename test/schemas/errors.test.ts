import { describe, expect, it } from "vitest";
import { CarillonError, messageOf, stageFailure, unavailable } from "../../schemas/errors.js";
import { plainErrorOf } from "../../service/threads/plain-error.js";
import { unreadable } from "../support/unreadable.js";

describe("the message of what was thrown", () => {
  it("names every cause once, the outermost first", () => {
    const cause = Object.assign(new Error("getaddrinfo ENOTFOUND sms.example"), { code: "ENOTFOUND" });
    expect(messageOf(new TypeError("fetch failed", { cause }))).toBe("fetch failed: getaddrinfo ENOTFOUND sms.example");
    expect(messageOf(unavailable("Kafka", new TypeError("fetch failed", { cause })))).toBe(
      "Kafka: fetch failed: getaddrinfo ENOTFOUND sms.example",
    );
    expect(messageOf(new Error("a", { cause: new Error("b", { cause: new Error("c") }) }))).toBe("a: b: c");
  });

  it("lists what was tried where several ways failed", () => {
    const tried = new AggregateError([new Error("connect ECONNREFUSED ::1:1"), new Error("connect ECONNREFUSED 127.0.0.1:1")]);
    expect(messageOf(tried)).toBe("connect ECONNREFUSED ::1:1: connect ECONNREFUSED 127.0.0.1:1");
  });

  it("has words for what is no error, or has none of its own", () => {
    expect(messageOf("text")).toBe("text");
    expect(messageOf(undefined)).toBe("undefined");
    expect(messageOf(null)).toBe("null");
    expect(messageOf({ status: 503, reason: "busy" })).toBe('{"status":503,"reason":"busy"}');
    expect(messageOf({ message: "like an error" })).toBe("like an error");
    expect(messageOf(Object.assign(new Error(""), { code: "EPIPE" }))).toBe("EPIPE");
    expect(messageOf(new RangeError(""))).toBe("RangeError");
    expect(messageOf(new Error("failed", { cause: { status: 400 } }))).toBe('failed: {"status":400}');
  });

  it("has words for a value that throws when it is read", () => {
    for (const thrown of unreadable()) {
      expect(messageOf(thrown)).not.toBe("");
      expect(stageFailure("shout", thrown)).toMatchObject({ code: "STAGE_FAILED" });
      expect(unavailable("Kafka", thrown)).toMatchObject({ code: "UNAVAILABLE" });
      expect(plainErrorOf(thrown)).toMatchObject({ code: undefined });
    }
  });

  it("ends where causes go in a circle, or are many", () => {
    const circle = new Error("one");
    circle.cause = new Error("two", { cause: circle });
    expect(messageOf(circle)).toBe("one: two");
    let deep = new Error("level 0");
    for (let level = 1; level < 10_000; level += 1) deep = new Error(`level ${level}`, { cause: deep });
    expect(messageOf(deep).length).toBeLessThan(200);
    expect(messageOf(new Error("x".repeat(1_000_000))).length).toBeLessThan(100_000);
    const endless: Record<string, unknown> = {};
    endless.self = endless;
    expect(messageOf(endless)).toBe("unknown error");
  });

  it("keeps the code of a Carillon error", () => {
    expect(new CarillonError("UNSENDABLE", "x").retryable).toBe(false);
  });
});
