import type { Added } from "./cells.js";

/** A whole number after an addition within its bounds. `stored`: the text of the number before. */
export const boundedSum = (stored: string | undefined, amount: number, most: number): Added => {
  const before = Number(stored ?? 0) || 0;
  const added = amount < 0 ? Math.max(amount, -before) : Math.max(0, Math.min(amount, most - before));
  return { added, total: before + added };
};
