import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHolding, encodeHolding, type HoldingMember, stickyAssignment } from "../../stores/event-log/kafka/sticky-assignment.js";

const member = (memberId: string, partitions: readonly number[] = [], sinceMs = 1): HoldingMember => ({
  memberId,
  held: { sinceMs, partitions },
});

const members = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 })
  .chain((ids) =>
    fc.tuple(
      ...ids.map((id) =>
        fc.record({ memberId: fc.constant(id), held: fc.record({ sinceMs: fc.nat(5), partitions: fc.array(fc.nat(30)) }) }),
      ),
    ),
  );

describe("stickyAssignment", () => {
  it("gives each partition to one member, evenly, whatever they claim and in whatever order they come", () => {
    fc.assert(
      fc.property(members, fc.nat(24), (some, count) => {
        const given = stickyAssignment(some, count);
        const all = [...given.values()].flat().sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: count }, (_, partition) => partition));
        const sizes = some.map(({ memberId }) => given.get(memberId)?.length ?? 0);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(stickyAssignment([...some].reverse(), count)).toEqual(given);
      }),
    );
  });

  it("moves nothing where nobody comes or goes", () => {
    fc.assert(
      fc.property(members, fc.nat(24), (some, count) => {
        const before = stickyAssignment(some, count);
        const again = stickyAssignment(
          some.map(({ memberId }) => member(memberId, before.get(memberId))),
          count,
        );
        for (const [id, partitions] of before) expect([...(again.get(id) ?? [])].sort()).toEqual([...partitions].sort());
      }),
    );
  });

  it("moves only what one that comes is due, and what one that left had", () => {
    const joined = stickyAssignment([member("a", [0, 1, 2]), member("b", [3, 4, 5]), member("c")], 6);
    expect(Object.fromEntries(joined)).toEqual({ a: [0, 1], b: [3, 4], c: [2, 5] });
    const left = stickyAssignment([member("a", [0, 1]), member("c", [2, 5])], 6);
    expect(left.get("a")).toEqual(expect.arrayContaining([0, 1]));
    expect(left.get("c")).toEqual(expect.arrayContaining([2, 5]));
  });

  it("believes the later of two who claim the same", () => {
    const given = stickyAssignment([member("slept", [0, 1], 1), member("went-on", [0, 1], 2)], 2);
    expect(given.get("went-on")).toHaveLength(1);
    expect(stickyAssignment([member("slept", [0], 1), member("went-on", [0], 2)], 1).get("went-on")).toEqual([0]);
  });

  it("reads what it writes, and nothing from others", () => {
    const held = { sinceMs: 7, partitions: [1, 2] };
    expect(decodeHolding(encodeHolding(held))).toEqual(held);
    for (const foreign of [undefined, null, Buffer.alloc(0), Buffer.from("{}"), Buffer.from('{"sinceMs":1,"partitions":["x"]}')])
      expect(decodeHolding(foreign).partitions).toEqual([]);
  });
});
