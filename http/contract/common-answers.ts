import { inWords } from "../../channels/in-words.js";
import type { Access } from "../access/access.js";
import { type Answers, authenticate, limited, problem, retryAfter } from "./answers.js";

/** The parts of a contract that answers follow from. */
interface Request {
  readonly method: string;
  readonly access: Access;
  readonly params?: object;
  readonly query?: object;
  readonly body?: object;
  readonly list?: string;
  readonly anyBody?: string;
}

const badRequestOf = ({ query, body, list, params }: Request): string => {
  const parts = [...(query ? ["query"] : []), ...(body || list ? ["body"] : []), ...(params ? ["path"] : []), "Host header"];
  return `The ${inWords(parts)} is malformed or invalid`;
};

const guarded: Answers = {
  401: problem("The key is missing or invalid", authenticate),
  403: problem("The key lacks a scope, which the answer names"),
  429: problem("Too many failed authentications from this address, or the tenant reached a limit", limited),
};

const withBody: Answers = {
  413: problem("The body is too large"),
  415: problem("The media type or the content coding of the body is not supported"),
};

/** A body is read, and may be refused, also where none is needed. One of any media type has no wrong one. */
const mayHaveBody = (method: string, anyBody: string | undefined): Answers => {
  if (method === "GET") return {};
  return anyBody === undefined ? withBody : { 413: problem("The body is too large") };
};

const withPath: Answers = {
  404: problem("There is nothing with this name or id"),
  414: problem("A part of the path is too long"),
};

const anyTime: Answers = {
  431: problem("The line and the headers of the request have more than 16 KiB"),
  500: problem("An internal error, which the log explains under the request's id"),
  503: problem("A server that Carillon needs is unavailable, or too many requests are in flight", retryAfter),
};

/** The answers of an access level, before the handler. */
const byAccess: Readonly<Record<Access, Answers>> = {
  page: {},
  callback: {},
  signIn: {},
  monitoring: { 403: problem("Carillon listens on loopback only, and Host does not name loopback") },
  session: { 403: problem("The request came from a page of another site") },
  tenant: guarded,
  operator: guarded,
};

/** The answers that follow from a route's access, parameters and body. */
export const commonAnswers = (contract: Request): Answers => {
  const { method, access, params, anyBody } = contract;
  return Object.assign(
    { 400: problem(badRequestOf(contract)) },
    byAccess[access],
    params ? withPath : {},
    mayHaveBody(method, anyBody),
    anyTime,
  );
};
