import { z } from "zod";
import { CarillonError } from "../schemas/errors.js";
import { checkOptions } from "./check-options.js";
import { wrongKind } from "./value-kind.js";

/** By its form, because a test environment may bring its own class. */
const isSignal = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value;

const sendOptions = z
  .strictObject({
    signal: z
      .custom<AbortSignal>(isSignal, { error: ({ input }) => wrongKind(input, "an AbortSignal") })
      .meta({ wanted: "an AbortSignal, such as AbortSignal.timeout(5_000)" })
      .optional(),
  })
  .meta({ wanted: "an object such as { signal }" });

/** The signal in the options of a call. Throws INPUT_INVALID. */
export const signalOf = (options: unknown): AbortSignal | undefined =>
  options === undefined ? undefined : checkOptions(sendOptions, options).signal;

/** Throws INPUT_INVALID if the messages are not a list. */
export const checkMessages = (messages: unknown): void => {
  if (Array.isArray(messages)) return;
  throw new CarillonError("INPUT_INVALID", messages === undefined ? "is missing" : wrongKind(messages, "array"), {
    field: "messages",
    fix: "give a list of messages, or use send for one",
  });
};
