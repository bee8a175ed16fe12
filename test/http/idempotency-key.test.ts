import { describe, expect, it } from "vitest";
import { withIdempotencyKey } from "../../http/idempotency-key.js";

const read = (body: unknown, ...keys: readonly string[]) =>
  withIdempotencyKey(body, { rawHeaders: ["Host", "x", ...keys.flatMap((key) => ["Idempotency-KEY", key])] });

describe("the Idempotency-Key header", () => {
  it.each([
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ["order-7", "order-7"],
    ["  order 7\t", "order 7"],
    ['"say \\"hi\\" \\\\ there"', 'say "hi" \\ there'],
  ])("is the message's idempotencyKey: %s", (header, key) => {
    expect(read({ to: "x" }, header)).toEqual({ body: { to: "x", idempotencyKey: key } });
    expect(read({ to: "x", idempotencyKey: key }, header)).toEqual({ body: { to: "x", idempotencyKey: key } });
    expect(read({ to: "x", idempotencyKey: null }, header)).toEqual({ body: { to: "x", idempotencyKey: key } });
  });

  it.each([
    ["", "is empty"],
    ['""', "is empty"],
    ['"half', "is neither a single quoted string"],
    ['"a"b"', "is neither a single quoted string"],
    ['"a";p=1', "is neither a single quoted string"],
    ["caf\u00e9", "contains characters other than printable ASCII"],
    ["a\u0000b", "contains characters other than printable ASCII"],
  ])("is refused where it is no text: %j", (header, problem) => {
    expect(read({}, header)).toMatchObject({ problem: expect.stringContaining(problem), fix: expect.any(String) });
  });

  it("is refused where it contradicts the body, or another of its kind", () => {
    expect(read({ idempotencyKey: "one" }, "two")).toMatchObject({ problem: expect.stringContaining("differs from the body") });
    expect(read({ idempotencyKey: 7 }, "7")).toMatchObject({ problem: expect.stringContaining("differs") });
    expect(read({}, "one", "one")).toMatchObject({ problem: "appears more than once" });
  });

  it("leaves what is no message to the checks of messages", () => {
    for (const body of [[], "text", null, 7]) expect(read(body, "key")).toEqual({ body });
    expect(read({ to: "x" })).toEqual({ body: { to: "x" } });
  });
});
