import { describe, expect, it } from "vitest";
import { keepUnknown } from "../../../stores/tenants/keep-unknown.js";

describe("keepUnknown", () => {
  it("keeps what the reader did not know, and nothing else", () => {
    const stored = { a: 1, b: { c: 2, d: 3 }, newer: { x: 1 } };
    const read = { a: 1, b: { c: 2 } };
    expect(keepUnknown(stored, read, { a: 9, b: { c: 8 } })).toEqual({ a: 9, b: { c: 8, d: 3 }, newer: { x: 1 } });
    expect(keepUnknown(stored, read, { a: 9 })).toEqual({ a: 9, newer: { x: 1 } });
    expect(keepUnknown(stored, read, { a: 9, b: null })).toEqual({ a: 9, b: null, newer: { x: 1 } });
  });

  it("knows the items of a list by their id or kid, wherever they are", () => {
    const stored = [
      { id: "a", n: 1 },
      { id: "b", n: 2 },
      { kid: "c", n: 3 },
    ];
    const read = [{ id: "a" }, { id: "b" }, { kid: "c" }];
    expect(keepUnknown(stored, read, [{ kid: "c" }, { id: "new" }, { id: "b" }])).toEqual([
      { kid: "c", n: 3 },
      { id: "new" },
      { id: "b", n: 2 },
    ]);
    expect(keepUnknown(["a", "b"], ["a", "b"], ["b"])).toEqual(["b"]);
  });

  it("takes dates and new values as they are written", () => {
    const at = new Date(5);
    expect(keepUnknown({ at: new Date(1), left: new Date(2) }, { at: new Date(1) }, { at })).toEqual({ at, left: new Date(2) });
    expect(keepUnknown(undefined, undefined, { a: 1 })).toEqual({ a: 1 });
    expect(keepUnknown({ a: { b: 1 } }, { a: { b: 1 } }, { a: [1] })).toEqual({ a: [1] });
  });
});
