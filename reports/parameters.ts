import { z } from "zod";

/** The last of values that came several times. */
export const last = (given: unknown): unknown => (Array.isArray(given) ? given.at(-1) : given);

const digits = z
  .string()
  .regex(/^\d{1,9}$/, "is not a whole number")
  .transform(Number);

/** A whole number in an address. What JavaScript makes of an empty text, of 0x10 or of 1e2 is a mistake there. */
export const wholeNumber = (least: number, most = 999_999_999) =>
  z.preprocess(last, z.union([digits, z.number().int()], "is not a whole number").pipe(z.number().min(least).max(most)));

/** Values with commas between, all of them out of a closed list. */
export const listOf = (known: readonly string[]) =>
  z
    .string()
    .max(2_000)
    .transform((text) => text.split(",").filter((part) => part !== ""))
    .superRefine((values, context) => {
      const wrong = values.find((value) => !known.includes(value));
      if (wrong !== undefined) context.addIssue({ code: "custom", message: `"${wrong}" is none of ${known.join(", ")}` });
    });
