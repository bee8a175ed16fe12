import { CarillonError } from "../schemas/errors.js";

/** Throws INPUT_INVALID for more items than a port takes in one call. */
export const assertBatch = (items: readonly unknown[], most: number): void => {
  if (items.length <= most) return;
  throw new CarillonError("INPUT_INVALID", `a call has ${items.length} items, and at most ${most} are allowed`, { fix: "divide the call" });
};
