import { describe, expect, it } from "vitest";
import { createInFlight } from "../../stores/in-flight.js";

const held = () => {
  let end: (text: string) => void = () => undefined;
  const work = new Promise<string>((resolve) => {
    end = resolve;
  });
  return { work, end: () => end("done") };
};

describe("calls in flight of a component that closes", () => {
  it("end before the close does", async () => {
    const flights = createInFlight("the client");
    const { work, end } = held();
    const calls = Array.from({ length: 100 }, () => flights.run(() => work));
    let closed = false;
    const closing = flights.drain(60_000).then(() => {
      closed = true;
    });
    await new Promise(setImmediate);
    expect(closed).toBe(false);
    end();
    await closing;
    expect(new Set(await Promise.all(calls))).toEqual(new Set(["done"]));
  });

  it("are rejected CLOSED, not left open, when they outlive the close", async () => {
    const flights = createInFlight("the client");
    const call = flights.run(() => new Promise(() => undefined));
    const rejected = expect(call).rejects.toMatchObject({ code: "CLOSED", message: expect.stringContaining("outcome is unknown") });
    await flights.drain(20);
    await rejected;
  });

  it("keep their own rejection", async () => {
    const flights = createInFlight("the client");
    const call = flights.run(() => Promise.reject(new Error("no broker")));
    const rejected = expect(call).rejects.toThrow("no broker");
    await flights.drain(1_000);
    await rejected;
  });

  it("are not taken after the close began, and a second close waits for the same calls", async () => {
    const flights = createInFlight("the client");
    const { work, end } = held();
    const first = flights.run(() => work);
    const closes = [flights.drain(60_000), flights.drain(60_000)];
    await expect(flights.run(() => Promise.resolve("late"))).rejects.toMatchObject({ code: "CLOSED" });
    end();
    await Promise.all(closes);
    expect(await first).toBe("done");
  });
});
