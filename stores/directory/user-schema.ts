import { z } from "zod";
import { CarillonError } from "../../schemas/errors.js";
import type { User } from "./directory.js";

const registration = z.object({ address: z.string(), app: z.string().nullable(), registeredAt: z.date() });
const attribute = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

const userSchema = z.object({
  tenant: z.string(),
  id: z.string(),
  addresses: z.object({
    email: z.string().nullable(),
    sms: z.string().nullable(),
    push: z.array(registration),
    http: z.array(registration),
    device: z.array(registration),
  }),
  locale: z.string().nullable(),
  timeZone: z.string().nullable(),
  attributes: z.record(z.string(), attribute),
  createdAt: z.date(),
  changedAt: z.date(),
  revision: z.int().min(1),
});

/** The user as stored, without fields that this version does not know. Throws STORE_DAMAGED, which names the fields but not their values. */
export const readUser = (stored: unknown): User => {
  const read = userSchema.safeParse(stored);
  if (read.success) return read.data;
  const { tenant, id } = (stored ?? {}) as Partial<User>;
  const faults = read.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new CarillonError("STORE_DAMAGED", `the stored user ${id} of ${tenant} has another shape: ${faults}`, {
    fix: "remove the user and put it again",
  });
};
