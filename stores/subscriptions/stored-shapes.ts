import { z } from "zod";
import { CarillonError } from "../../schemas/errors.js";
import type { MembershipRow } from "./membership-rows.js";
import type { Group } from "./subscriptions.js";

const attribute = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

const groupShape = z.object({
  name: z.string().nullable(),
  attributes: z.record(z.string(), attribute),
  version: z.int().min(0),
  members: z.int().min(0),
  base: z.int().min(0),
  removed: z.boolean(),
  createdAt: z.date(),
  changedAt: z.date(),
});

const rowShape = z.object({ channels: z.array(z.string()), joined: z.int().min(1), left: z.int().min(1).nullable() });

/** A group as a store keeps it. */
export interface GroupState extends Omit<Group, "tenant" | "group"> {
  /** See Visibility. */
  readonly base: number;
  /** Only the numbers of its versions are kept, so that no later group of this id repeats them. */
  readonly removed: boolean;
}
export type RowState = Omit<MembershipRow, "user">;

const reader =
  <T>(what: string, shape: z.ZodType<T>) =>
  (stored: unknown, name: string): T => {
    const read = shape.safeParse(stored);
    if (read.success) return read.data;
    const faults = read.error.issues.map(({ path }) => path.join(".")).join(", ");
    throw new CarillonError("STORE_DAMAGED", `the stored ${what} ${name} has another shape: ${faults}`);
  };

/** Throws STORE_DAMAGED, which names the fields but not their values. */
export const readGroup = reader<GroupState>("group", groupShape);
export const readRow = reader<RowState>("membership", rowShape);
