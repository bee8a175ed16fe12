import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findPlanted } from "./find-planted.js";
import { type Plan, planOf } from "./plan.js";
import { plants } from "./planted.js";
import { shrink } from "./shrink.js";
import { simulate } from "./simulate.js";

const seeds = Array.from({ length: 200 }, (_, index) => index + 1);
const found = new URL("found/", import.meta.url);

describe("the simulation", () => {
  it("holds every invariant over 200 seeds", { timeout: 300_000 }, async () => {
    const failed: string[] = [];
    for (const seed of seeds) {
      const { violations } = await simulate(planOf(seed));
      if (violations.length > 0) failed.push(`npm run sim -- --seed ${seed} --trace: ${JSON.stringify(violations[0])}`);
    }
    expect(failed).toEqual([]);
  });

  it("really strikes: every kind of trouble, and sends beyond the messages", { timeout: 60_000 }, async () => {
    const struck = new Set<string>();
    for (const seed of seeds.slice(0, 40)) for (const kind of Object.keys((await simulate(planOf(seed))).struck)) struck.add(kind);
    expect([...struck].sort()).toEqual(["clock_jump", "crash", "cut", "full_disk", "outage", "pause", "restart"]);
  });

  it("goes the same way each time", async () => {
    for (const seed of [1, 2, 3]) {
      const [first, second] = [await simulate(planOf(seed)), await simulate(planOf(seed))];
      expect(second.fingerprint).toBe(first.fingerprint);
      expect(second.notes).toEqual(first.notes);
    }
  });

  it("shrinks what fails to what it takes to fail", { timeout: 120_000 }, async () => {
    const [plant] = plants;
    const fails = async (plan: Plan): Promise<boolean> =>
      (await simulate(plan, plant)).violations.some(({ invariant }) => invariant === "no send too many");
    const plan = planOf(1);
    const smallest = await shrink(plan, fails);
    expect(await fails(smallest)).toBe(true);
    expect(smallest.messages.length).toBeLessThanOrEqual(2);
    expect(smallest.messages.length).toBeLessThan(plan.messages.length);
  });
});

describe("plans that found something stay sound", () => {
  it.each(readdirSync(found))("%s", { timeout: 60_000 }, async (file) => {
    const { plan } = JSON.parse(readFileSync(new URL(file, found), "utf8")) as { plan: Plan };
    expect((await simulate(plan)).violations).toEqual([]);
  });
});

describe("a planted fault is found", () => {
  it.each(plants)("$name: $what", { timeout: 120_000 }, async (plant) => {
    expect(await findPlanted(plant, 200)).toBeDefined();
  });
});
