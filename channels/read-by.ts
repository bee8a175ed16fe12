import { z } from "zod";
import type { Refusal } from "./refusal.js";

/** A text that `read` normalizes, or refuses with a reason. */
export const readBy = (read: (text: string) => string | Refusal) =>
  z.string().transform((text, context) => {
    const value = read(text);
    if (typeof value === "string") return value;
    context.addIssue({ code: "custom", message: value.problem, params: { fix: value.fix } });
    return z.NEVER;
  });
