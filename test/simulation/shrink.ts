import type { Plan } from "./plan.js";

/** Whether a smaller plan still fails in the same way. */
export type StillFails = (plan: Plan) => Promise<boolean>;

/** Removes as many items as possible: halves first, then smaller parts (delta debugging). */
const fewer = async <T>(items: readonly T[], stillFails: (fewer: readonly T[]) => Promise<boolean>): Promise<readonly T[]> => {
  let kept = items;
  for (let part = Math.ceil(kept.length / 2); part >= 1; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    for (let from = 0; from < kept.length; ) {
      const without = [...kept.slice(0, from), ...kept.slice(from + part)];
      if (await stillFails(without)) kept = without;
      else from += part;
    }
  }
  return kept;
};

/** Tries each simpler value in turn, and keeps the first one with which the plan still fails. */
const simplify = async (plan: Plan, simpler: readonly Plan[], stillFails: StillFails): Promise<Plan> => {
  for (const candidate of simpler) if (await stillFails(candidate)) return candidate;
  return plan;
};

/** The smallest plan found that fails like `plan`: fewer troubles, fewer messages, no mishaps, a simpler shape. */
export const shrink = async (plan: Plan, stillFails: StillFails, onProgress: (plan: Plan) => void = () => undefined): Promise<Plan> => {
  let smallest = plan;
  const keep = (candidate: Plan): Plan => {
    smallest = candidate;
    onProgress(smallest);
    return smallest;
  };
  for (let before = -1; before !== sizeOf(smallest); ) {
    before = sizeOf(smallest);
    keep({ ...smallest, troubles: await fewer(smallest.troubles, (troubles) => stillFails({ ...smallest, troubles })) });
    keep({ ...smallest, messages: await fewer(smallest.messages, (messages) => stillFails({ ...smallest, messages })) });
    for (const name of ["fails", "losesAnswer", "isSlow", "losesHint"] as const) {
      if (smallest.mishaps[name] > 0)
        keep(await simplify(smallest, [{ ...smallest, mishaps: { ...smallest.mishaps, [name]: 0 } }], stillFails));
    }
    const { shape } = smallest;
    if (shape.processes > 1)
      keep(await simplify(smallest, [{ ...smallest, shape: { ...shape, processes: shape.processes - 1 } }], stillFails));
    if (shape.partitions > 1) keep(await simplify(smallest, [{ ...smallest, shape: { ...smallest.shape, partitions: 1 } }], stillFails));
  }
  return smallest;
};

const sizeOf = ({ troubles, messages, mishaps, shape }: Plan): number =>
  troubles.length * 10 +
  messages.length +
  Object.values(mishaps).filter((chance) => chance > 0).length +
  shape.processes +
  shape.partitions;
