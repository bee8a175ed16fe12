import type { FastifyReply } from "fastify";
import type { Finding } from "../channels/finding.js";
import { CarillonError, type ErrorCode } from "../schemas/errors.js";
import { answerProblem } from "./problem.js";

const statusOf: Partial<Record<CarillonError["code"], number>> = {
  INPUT_INVALID: 400,
  FILTER_REFUSED: 400,
  FILTER_TOO_SLOW: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  CONFIG_INVALID: 409,
  BUSY: 503,
};

type Fault = Pick<Finding, "field" | "problem" | "fix">;

/** A list of which nothing was stored, because some of its lines are invalid. */
export class ListRefused extends CarillonError {
  constructor(
    lines: number,
    /** The faults of the first invalid lines. */
    readonly faults: readonly Fault[],
  ) {
    super("INPUT_INVALID", `${lines} ${lines === 1 ? "line is" : "lines are"} invalid, so nothing was stored`);
  }
}

/** The answer to an error that the caller can fix. */
export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors: readonly Fault[] | undefined;
}

/** The whole that a refusal is about, if it names no field: a query's text, or the request as it is. */
const wholeOf = (code: ErrorCode): string => (code === "NOT_FOUND" || code === "CONFIG_INVALID" ? "request" : "query");

/** Undefined for a server error. */
export const refusalOf = (error: unknown): Refusal | undefined => {
  const status = error instanceof CarillonError ? statusOf[error.code] : undefined;
  if (!(error instanceof CarillonError) || status === undefined) return undefined;
  const finding = { field: error.field ?? wholeOf(error.code), problem: error.problem, fix: error.fix ?? "see docs/reports.md" };
  const faults = error instanceof ListRefused ? error.faults : [finding];
  // what was not found is named by a sentence, without its field
  const detail = error.code === "NOT_FOUND" ? error.problem : error.message;
  return { status, code: error.code, detail, errors: status === 503 || status === 403 ? undefined : faults };
};

/** Answers a refused query, with its field and fix. Rethrows a server error. */
export const answerRefusal = (reply: FastifyReply, error: unknown): FastifyReply => {
  const refusal = refusalOf(error);
  if (!refusal) throw error;
  const { status, code, detail, errors } = refusal;
  return answerProblem(reply, status, detail, errors, code);
};
