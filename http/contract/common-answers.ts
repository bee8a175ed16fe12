import type { Access } from "../access/access.js";
import { type Answers, authenticate, problem, retryAfter } from "./answers.js";

/** The parts of a contract that answers follow from. */
interface Request {
  readonly access: Access;
  readonly params?: object;
  readonly query?: object;
  readonly body?: object;
  readonly anyBody?: string;
}

const badRequestOf = ({ query, body, params }: Request): string => {
  const parts = [...(query ? ["the query"] : []), ...(body ? ["the body"] : []), ...(params ? ["the path"] : [])];
  return `The request is malformed: ${[...parts, "the Host header"].join(", ")}`;
};

const guarded: Answers = {
  401: problem("The key is missing or invalid", authenticate),
  403: problem("The key may not use this operation"),
  429: problem("Too many failed authentications from this address", retryAfter),
};

const withBody: Answers = {
  413: problem("The body is too large"),
  415: problem("The media type or the content coding of the body is not supported"),
};

const withPath: Answers = {
  404: problem("There is nothing with this name or id"),
  414: problem("A part of the path is too long"),
};

const anyTime: Answers = {
  500: problem("An internal error, which the log explains under the request's id"),
  503: problem("A server that Carillon needs is unavailable, or too many requests are in flight", retryAfter),
};

/** The answers of an access level, before the handler. */
const byAccess: Readonly<Record<Access, Answers>> = {
  page: {},
  callback: {},
  monitoring: { 403: problem("Carillon listens on loopback only, and Host does not name loopback") },
  session: { 403: problem("The request came from a page of another site") },
  tenant: guarded,
  operator: guarded,
};

/** The answers that follow from a route's access, parameters and body. */
export const commonAnswers = (contract: Request): Answers => {
  const { access, params, body, anyBody } = contract;
  return Object.assign(
    { 400: problem(badRequestOf(contract)) },
    byAccess[access],
    params ? withPath : {},
    body ? withBody : {},
    anyBody === undefined ? {} : { 413: withBody[413] },
    anyTime,
  );
};
