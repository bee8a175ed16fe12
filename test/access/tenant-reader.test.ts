import { afterEach, describe, expect, it } from "vitest";
import { newTenant } from "../../access/configured-tenants.js";
import { createTenantReader, type TenantReader } from "../../access/tenant-reader.js";
import { tenantTimes } from "../../access/tenant-times.js";
import { CarillonError } from "../../schemas/errors.js";
import { createMemoryTenants } from "../../stores/tenants/memory-tenants.js";
import type { TenantPut, Tenants } from "../../stores/tenants/tenants.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { keyFor } from "../conformance/tenants-under-test.js";

const away = new CarillonError("UNAVAILABLE", "the store is away");
const { pollMs, freshMs, serveMs, compareMs, waitMs } = tenantTimes;

/** Lets everything happen that waits for no clock. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A store whose answers the test controls, and a reader of it. */
const start = () => {
  const clock = createVirtualClock();
  const tenants = createMemoryTenants(clock);
  const asked: string[] = [];
  const troubles: unknown[] = [];
  let state: "up" | "away" | "silent" = "up";
  let frozenVersion: number | undefined;
  const answer = async <T>(name: string, own: () => Promise<T>): Promise<T> => {
    asked.push(name);
    if (state === "silent") return new Promise<T>(() => undefined);
    if (state === "away") throw away;
    return own();
  };
  const store: Pick<Tenants, "get" | "revisions" | "version"> = {
    get: (ids) => answer(`get ${ids.join(" ")}`, () => tenants.get(ids)),
    revisions: (page) => answer("revisions", () => tenants.revisions(page)),
    version: () => answer("version", async () => frozenVersion ?? tenants.version()),
  };
  const reader = createTenantReader({ tenants: store, clock, onTrouble: (error) => troubles.push(error) });
  /** Time passes in steps, so that polls and their answers alternate. */
  const pass = async (ms: number, stepMs = 500): Promise<void> => {
    for (let left = ms; left > 0; left -= stepMs) {
      clock.advance(Math.min(left, stepMs));
      await settle();
    }
  };
  const current = async (need?: { readonly administrative?: boolean }) => {
    const work = reader.current(need).then(
      ({ tenants: found }) => [...found.values()].map(({ id, revision }) => `${id} ${revision}`),
      (error: unknown) => (error as CarillonError).code,
    );
    let done = false;
    void work.then(() => {
      done = true;
    });
    for (let waited = 0; waited <= 10 * waitMs; waited += 100) {
      await settle();
      if (done) return { answer: await work, waitedMs: waited };
      clock.advance(100);
    }
    throw new Error("no answer");
  };
  return {
    ...{ clock, tenants, reader, asked, troubles, pass, current },
    put: (put: TenantPut) => tenants.put(put),
    be: (next: typeof state) => {
      state = next;
    },
    freezeVersion: async () => {
      frozenVersion = await tenants.version();
    },
  };
};

describe("the reader of tenants", () => {
  const readers: TenantReader[] = [];
  const started = () => {
    const all = start();
    readers.push(all.reader);
    return all;
  };
  afterEach(async () => {
    await Promise.all(readers.splice(0).map((reader) => reader.close()));
  });

  it("waits for the first read, and refuses if there is none", async () => {
    const { put, current, be } = started();
    await put(newTenant("shop", "Shop"));
    expect(await current()).toEqual({ answer: ["shop 1"], waitedMs: 0 });
    const other = started();
    other.be("away");
    await other.pass(pollMs + 500);
    expect((await other.current()).answer).toBe("UNAVAILABLE");
    be("up");
  });

  it("knows a change after one poll, and reads only what changed", async () => {
    const { put, pass, current, asked } = started();
    for (const id of ["a", "b", "c"]) await put(newTenant(id, id));
    await pass(pollMs);
    asked.length = 0;
    await put({ ...newTenant("b", "second"), revision: 1 });
    await pass(pollMs);
    expect(await current()).toEqual({ answer: ["a 1", "b 2", "c 1"], waitedMs: 0 });
    expect(asked).toEqual(["version", "revisions", "get b"]);
    asked.length = 0;
    await pass(pollMs);
    expect(asked).toEqual(["version"]);
  });

  it("knows its own change at once", async () => {
    const { put, reader, current } = started();
    await current();
    await put(newTenant("new", "new"));
    await reader.refresh();
    expect((await current()).answer).toEqual(["new 1"]);
  });

  it("lets no old key pass after the process was stopped", async () => {
    const { put, pass, current, clock, tenants } = started();
    await put({ ...newTenant("shop", "Shop"), keys: [keyFor("k")] });
    await pass(pollMs);
    const [shop] = await tenants.get(["shop"]);
    // another process changes the tenant while this one is stopped
    await put({ ...newTenant("shop", "Shop"), revision: shop?.revision ?? 0, status: "suspended" });
    clock.advance(20_000);
    expect((await current()).answer).toEqual(["shop 2"]);
  });

  it("does not trust a read that a stop of the process interrupted", async () => {
    const { put, pass, current, clock, be, reader } = started();
    await put(newTenant("shop", "Shop"));
    await pass(pollMs);
    be("silent");
    clock.advance(pollMs);
    await settle();
    // the answer of the read in flight never comes
    be("up");
    await put({ ...newTenant("shop", "Shop"), revision: 1 });
    clock.advance(20_000);
    expect(reader.ageMs()).toBeGreaterThan(freshMs);
    expect((await current()).answer).toEqual(["shop 2"]);
  });

  it("reads again by itself after a stop of the process, although a read never ends", async () => {
    const { put, pass, clock, be, reader } = started();
    await put(newTenant("shop", "Shop"));
    await pass(pollMs);
    be("silent");
    await pass(pollMs);
    be("up");
    clock.advance(20_000);
    await pass(pollMs + 500);
    expect(reader.ageMs()).toBeLessThanOrEqual(pollMs);
  });

  it("serves the last known tenants for 15 minutes while the store is away, and refuses then", async () => {
    const { put, pass, current, be, troubles, reader } = started();
    await put(newTenant("shop", "Shop"));
    await pass(pollMs);
    be("away");
    await pass(serveMs - pollMs, 2_000);
    expect((await current()).answer).toEqual(["shop 1"]);
    expect(reader.ageMs()).toBeGreaterThan(serveMs - 2 * pollMs);
    expect(troubles.length).toBeGreaterThan(400);
    await pass(2 * pollMs + 500);
    expect((await current()).answer).toBe("UNAVAILABLE");
    be("up");
    await pass(pollMs + 500);
    expect((await current()).answer).toEqual(["shop 1"]);
  });

  it("refuses administrative changes once the tenants are no longer fresh", async () => {
    const { put, pass, current, be } = started();
    await put(newTenant("shop", "Shop"));
    await pass(pollMs);
    be("away");
    await pass(freshMs + pollMs);
    expect((await current()).answer).toEqual(["shop 1"]);
    expect((await current({ administrative: true })).answer).toBe("UNAVAILABLE");
    be("up");
    expect((await current({ administrative: true })).answer).toEqual(["shop 1"]);
  });

  it("makes requests wait for a silent store once and not again", async () => {
    const { put, pass, current, be } = started();
    await put(newTenant("shop", "Shop"));
    await pass(pollMs);
    be("silent");
    await pass(freshMs + 500);
    const waits = [await current(), await current(), await current()].map(({ waitedMs }) => waitedMs);
    expect(waits.filter((waitedMs) => waitedMs > 0).length).toBeLessThanOrEqual(1);
    expect(Math.max(...waits)).toBeLessThanOrEqual(3 * waitMs);
  });

  it("finds a change whose writer ended before it raised the version", async () => {
    const { put, pass, current, freezeVersion } = started();
    await put(newTenant("shop", "Shop"));
    await pass(2 * pollMs);
    await freezeVersion();
    await put({ ...newTenant("shop", "Shop"), revision: 1 });
    await pass(pollMs);
    expect((await current()).answer).toEqual(["shop 1"]);
    await pass(compareMs);
    expect((await current()).answer).toEqual(["shop 2"]);
  });

  it("measures its age by the clock that moved further, and not by one that was set back", async () => {
    const clock = createVirtualClock();
    let [setMs, slept] = [0, 0];
    const reader = createTenantReader({
      tenants: createMemoryTenants(clock),
      clock: { ...clock, now: () => clock.now() + setMs, elapsed: () => clock.elapsed() - slept },
      onTrouble: () => undefined,
    });
    readers.push(reader);
    await settle();
    expect(reader.ageMs()).toBe(0);
    setMs = -3_600_000;
    expect(reader.ageMs()).toBe(0);
    setMs = 60_000;
    expect(reader.ageMs()).toBe(60_000);
    setMs = 0;
    clock.advance(1_000);
    slept = 1_000;
    expect(reader.ageMs()).toBeGreaterThanOrEqual(0);
  });
});
