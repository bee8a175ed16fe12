import { CarillonError, type ErrorCode, messageOf } from "../../schemas/errors.js";

/** An error in the form that is sent between threads, without class and cause. */
export interface PlainError {
  /** Undefined for any error other than a CarillonError. */
  readonly code: ErrorCode | undefined;
  readonly problem: string;
  readonly field: string | undefined;
  readonly fix: string | undefined;
  readonly publicWords: string | undefined;
  readonly server: string | undefined;
  readonly stack: string | undefined;
}

const stackOf = (thrown: unknown): string | undefined => {
  try {
    const stack: unknown = thrown instanceof Error ? thrown.stack : undefined;
    return typeof stack === "string" ? stack : undefined;
  } catch {
    return undefined; // its getters or traps throw
  }
};

export const plainErrorOf = (thrown: unknown): PlainError => {
  const stack = stackOf(thrown);
  if (!(thrown instanceof CarillonError))
    return {
      code: undefined,
      problem: messageOf(thrown),
      field: undefined,
      fix: undefined,
      publicWords: undefined,
      server: undefined,
      stack,
    };
  const { code, problem, field, fix, publicWords, server, cause } = thrown;
  // adds the messages of its causes if its own message lacks them
  const words = cause === undefined || field !== undefined ? problem : messageOf(thrown);
  return { code, problem: words, field, fix, publicWords, server, stack };
};

export const errorFromPlain = ({ code, problem, stack, ...more }: PlainError): Error => {
  const error = code === undefined ? new Error(problem) : new CarillonError(code, problem, more);
  if (stack !== undefined) error.stack = stack;
  return error;
};
