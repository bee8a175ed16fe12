import { CarillonError } from "../schemas/errors.js";
import { wrongKind } from "./value-kind.js";

type TraceFunction = () => string | null | undefined;

/** Functions that return the W3C trace context of the current work. */
export interface TraceFunctions {
  readonly traceparent?: TraceFunction | undefined;
  readonly tracestate?: TraceFunction | undefined;
}

const call = (field: keyof TraceFunctions, read: TraceFunction | undefined): string | undefined => {
  const value: unknown = read?.();
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  const problem = value instanceof Promise ? "returned a promise, not text" : wrongKind(value, "string").replace(/^is /, "returned ");
  throw new CarillonError("INPUT_INVALID", problem, { field, fix: "return the text itself, or undefined" });
};

/** The texts of traceparent and tracestate. Throws INPUT_INVALID if a function returns anything else. */
export const readTrace = ({ traceparent, tracestate }: TraceFunctions): readonly [string | undefined, string | undefined] => [
  call("traceparent", traceparent),
  call("tracestate", tracestate),
];
