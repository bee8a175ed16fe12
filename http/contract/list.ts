import { z } from "zod";

/** A page of a list. */
export interface List<Item> {
  readonly items: readonly Item[];
  /** Continues the list when given as `cursor`; null on the last page. */
  readonly cursor: string | null;
}

/** The answer of every list. */
export const listOf = <Item>(items: readonly Item[], cursor: string | null = null): List<Item> => ({ items, cursor });

/** Its schema. `more`: fields in addition to items and cursor. */
export const listSchema = <Item extends z.ZodType, More extends z.ZodRawShape = Record<never, never>>(item: Item, more?: More) =>
  z.strictObject({
    items: z.array(item),
    cursor: z.string().nullable().describe("Give it as cursor to get the next page; null on the last page"),
    ...(more as More),
  });
