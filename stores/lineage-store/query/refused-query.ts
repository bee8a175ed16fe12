import { CarillonError } from "../../../schemas/errors.js";

/** The error FILTER_REFUSED for a query: the field, parameter, stage or operator at fault, the problem, and the fix. */
export const refusedQuery = (field: string, problem: string, fix?: string, cause?: unknown): CarillonError =>
  new CarillonError("FILTER_REFUSED", problem, { field, fix, cause });

export const refuseQuery = (field: string, problem: string, fix?: string): never => {
  throw refusedQuery(field, problem, fix);
};
