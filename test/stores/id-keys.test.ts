import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertIds, idOfKey, idsOfTextKey, keyEnd, keyOfId, keySeparator, mostIdBytes, textKeyOf } from "../../stores/id-keys.js";

const compare = (one: string, other: string): number => Math.sign(Buffer.compare(Buffer.from(one), Buffer.from(other)));
const id = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ unit: fc.constantFrom("\0", "\n", "\u000b", " ", "0", "a", "!", "\u0001"), maxLength: 8 }),
);

describe("keys made of ids", () => {
  it("have no control character and no space of the id, and lead back to it", () => {
    fc.assert(
      fc.property(id, (one) => {
        expect([...keyOfId(one)].filter((character) => character < " ")).toEqual([]);
        expect(idOfKey(keyOfId(one))).toBe(one);
      }),
    );
  });

  it("keep the order of ids by their bytes", () => {
    fc.assert(
      fc.property(id, id, (one, other) => {
        expect(compare(keyOfId(one), keyOfId(other))).toBe(compare(one, other));
      }),
    );
  });

  it("never run from one id into the next", () => {
    const ids = fc.array(id, { minLength: 2, maxLength: 3 });
    fc.assert(
      fc.property(ids, ids, (some, others) => {
        expect(idsOfTextKey(textKeyOf(...some))).toEqual(some);
        expect(textKeyOf(...some) === textKeyOf(...others)).toBe(JSON.stringify(some) === JSON.stringify(others));
      }),
    );
  });

  it("end the range of a first id before any other first id", () => {
    fc.assert(
      fc.property(id, id, id, (tenant, other, user) => {
        fc.pre(tenant !== other);
        const key = textKeyOf(other, user);
        const within = compare(key, `${keyOfId(tenant)}${keySeparator}`) >= 0 && compare(key, `${keyOfId(tenant)}${keyEnd}`) < 0;
        expect(within).toBe(false);
      }),
    );
  });

  it("are not made of ids that are empty, too long, or not Unicode", () => {
    for (const tenant of ["", "x".repeat(mostIdBytes.tenant + 1), "ä".repeat(65), "\ud800"])
      expect(() => assertIds({ tenant, user: "ann" }), tenant).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
    assertIds({ tenant: "x".repeat(mostIdBytes.tenant), user: "😀", app: null, group: undefined });
  });
});
