import { CarillonError } from "../../schemas/errors.js";

/** Does so many things at once, and lets twice as many wait. Rejects BUSY beyond that. */
export const createTurns = (most: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
  let inHand = 0;
  const waiting: (() => void)[] = [];
  const enter = async (): Promise<void> => {
    if (inHand < most) {
      inHand += 1;
      return;
    }
    if (waiting.length >= most * 2)
      throw new CarillonError("BUSY", "too many questions are being answered", { fix: "ask again in a few seconds" });
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else inHand -= 1;
  };
  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
};
