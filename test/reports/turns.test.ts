import { describe, expect, it } from "vitest";
import { createTurns, type Turns } from "../../reports/turns.js";

/** Waits until all pending work has advanced. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that ends on command. */
const createWork = () => {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    started,
    begin: (turns: Turns, tenant: string | undefined, name: string): Promise<string> =>
      turns(tenant, async () => {
        started.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
        return name;
      }),
    end: async (name: string): Promise<void> => {
      await settled();
      ends.get(name)?.();
      await settled();
    },
  };
};

describe("turns of queries", () => {
  it("keep a place for operators, and one for other tenants, however much a tenant asks", async () => {
    const turns = createTurns({ most: 3, waitMs: 60_000, now: () => 0 });
    const work = createWork();
    const slow = ["a1", "a2", "a3", "a4"].map((name) => work.begin(turns, "a", name));
    await settled();
    expect(work.started).toEqual(["a1"]);
    const other = work.begin(turns, "b", "b1");
    const operator = work.begin(turns, undefined, "o1");
    await settled();
    expect(work.started).toEqual(["a1", "b1", "o1"]);
    for (const name of ["b1", "o1", "a1", "a2", "a3", "a4"]) await work.end(name);
    expect(await Promise.all([...slow, other, operator])).toEqual(["a1", "a2", "a3", "a4", "b1", "o1"]);
  });

  it("come to tenants in rotation, not in the order in which each asked", async () => {
    const turns = createTurns({ most: 2, waitMs: 60_000, now: () => 0 });
    const work = createWork();
    const all = [...["a1", "a2", "a3"], ...["b1", "b2"], "c1"].map((name) => work.begin(turns, name[0], name));
    for (const name of ["a1", "b1", "c1", "a2", "b2", "a3"]) await work.end(name);
    await Promise.all(all);
    await settled();
    expect(work.started).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
  });

  it("come to whoever had the least time: short queries do not wait for as many slow ones", async () => {
    let atMs = 0;
    const turns = createTurns({ most: 2, waitMs: 10_000, now: () => atMs });
    const work = createWork();
    const all = [...["a1", "a2", "a3"], ...["b1", "b2"]].map((name) => work.begin(turns, name[0], name));
    const end = async (name: string, tookMs: number): Promise<void> => {
      await settled();
      atMs += tookMs;
      await work.end(name);
    };
    await end("a1", 5_000);
    all.push(...["c1", "c2", "c3", "c4"].map((name) => work.begin(turns, "c", name)));
    await end("b1", 5_000);
    for (const name of ["c1", "c2", "c3", "c4"]) await end(name, 2);
    for (const name of ["a2", "b2", "a3"]) await end(name, 5_000);
    await Promise.all(all);
    expect(work.started).toEqual(["a1", "b1", "c1", "c2", "c3", "c4", "a2", "b2", "a3"]);
  });

  it("leave tenants a place while operators ask", async () => {
    const turns = createTurns({ most: 3, waitMs: 60_000, now: () => 0 });
    const work = createWork();
    const all = ["o1", "o2", "o3"].map((name) => work.begin(turns, undefined, name));
    await settled();
    expect(work.started).toEqual(["o1", "o2"]);
    all.push(work.begin(turns, "a", "a1"));
    await settled();
    expect(work.started).toEqual(["o1", "o2", "a1"]);
    for (const name of ["o1", "o2", "o3", "a1"]) await work.end(name);
    await Promise.all(all);
  });

  it("serve everybody with a single place", async () => {
    const turns = createTurns({ most: 1, waitMs: 60_000, now: () => 0 });
    const work = createWork();
    const all = [work.begin(turns, "a", "a1"), work.begin(turns, "a", "a2"), work.begin(turns, undefined, "o1")];
    for (const name of ["a1", "o1", "a2"]) await work.end(name);
    await Promise.all(all);
    await settled();
    expect(work.started).toEqual(["a1", "o1", "a2"]);
  });

  it("are refused to a tenant with too much waiting, and to nobody else", async () => {
    const turns = createTurns({ most: 2, waitMs: 60_000, now: () => 0 });
    const work = createWork();
    const all = Array.from({ length: 65 }, (_, index) => work.begin(turns, "a", `a${index}`));
    await expect(work.begin(turns, "a", "one too many")).rejects.toMatchObject({ code: "BUSY" });
    const other = work.begin(turns, "b", "b1");
    await work.end("a0");
    await settled();
    expect(work.started).toEqual(["a0", "b1"]);
    await work.end("b1");
    for (let index = 1; index < 65; index += 1) await work.end(`a${index}`);
    expect(await other).toBe("b1");
    expect(await Promise.all(all)).toHaveLength(65);
  });

  it("do not keep anybody waiting beyond the limit, and leave no place behind", async () => {
    const turns = createTurns({ most: 1, waitMs: 20, now: () => 0 });
    const work = createWork();
    const first = work.begin(turns, "a", "a1");
    await expect(work.begin(turns, "b", "b1")).rejects.toMatchObject({ code: "BUSY", message: expect.stringContaining("20 ms") });
    await work.end("a1");
    await first;
    const next = work.begin(turns, "b", "b2");
    await settled();
    expect(work.started).toEqual(["a1", "b2"]);
    await work.end("b2");
    expect(await next).toBe("b2");
  });

  it("go on after work that fails", async () => {
    const turns = createTurns({ most: 1, waitMs: 1_000, now: () => 0 });
    await expect(turns("a", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await turns("a", async () => 5)).toBe(5);
  });
});
