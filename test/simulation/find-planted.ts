import type { Violation } from "./observer.js";
import { planOf } from "./plan.js";
import type { Plant } from "./planted.js";
import { simulate } from "./simulate.js";

/** The first seed that reveals a planted fault, and how. */
export const findPlanted = async (
  plant: Plant,
  mostSeeds: number,
): Promise<{ readonly seed: number; readonly violation: Violation } | undefined> => {
  for (let seed = 1; seed <= mostSeeds; seed += 1) {
    const [violation] = (await simulate(planOf(seed), plant)).violations;
    if (violation) return { seed, violation };
  }
  return undefined;
};
