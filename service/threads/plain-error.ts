import { CarillonError, type ErrorCode, messageOf } from "../../schemas/errors.js";

/** An error as it goes from one thread to another: no class and no cause comes along. */
export interface PlainError {
  /** Undefined for an error that is none of Carillon's. */
  readonly code: ErrorCode | undefined;
  readonly problem: string;
  readonly field: string | undefined;
  readonly fix: string | undefined;
  readonly publicWords: string | undefined;
  readonly server: string | undefined;
  readonly stack: string | undefined;
}

export const plainErrorOf = (thrown: unknown): PlainError => {
  const stack = thrown instanceof Error ? thrown.stack : undefined;
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
  // the words of its causes go along, where its own do not have them
  const words = cause === undefined || field !== undefined ? problem : messageOf(thrown);
  return { code, problem: words, field, fix, publicWords, server, stack };
};

export const errorFromPlain = ({ code, problem, stack, ...more }: PlainError): Error => {
  const error = code === undefined ? new Error(problem) : new CarillonError(code, problem, more);
  if (stack !== undefined) error.stack = stack;
  return error;
};
