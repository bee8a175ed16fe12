import { CarillonError } from "../../schemas/errors.js";
import type { LineageReader } from "./lineage-store.js";

/** Lets so many questions be answered at once, and twice as many wait. Rejects BUSY beyond that. */
export const boundedReader = (reader: LineageReader, inHandMost: number): LineageReader => {
  let inHand = 0;
  const waiting: (() => void)[] = [];
  const enter = async (): Promise<void> => {
    if (inHand < inHandMost) {
      inHand += 1;
      return;
    }
    if (waiting.length >= inHandMost * 2)
      throw new CarillonError("BUSY", "too many questions are being answered", { fix: "ask again in a few seconds" });
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else inHand -= 1;
  };
  const within = async <T>(work: () => Promise<T>): Promise<T> => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
  return {
    query: (collection, filter, options) => within(() => reader.query(collection, filter, options)),
    count: (collection, filter) => within(() => reader.count(collection, filter)),
    aggregate: (collection, pipeline) => within(() => reader.aggregate(collection, pipeline)),
    sum: (collection, filter, options) => within(() => reader.sum(collection, filter, options)),
  };
};
