import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { inWords } from "../channels/in-words.js";
import type { Logger } from "../operations/telemetry/logger.js";
import { CarillonError, type ErrorCode, messageOf } from "../schemas/errors.js";
import type { Mask } from "../schemas/secret-mask.js";
import { collectMethods } from "./allowed-methods.js";
import type { RouteContract } from "./contract/route-contract.js";
import { BodyRefused } from "./json-body.js";
import { answerNotFound } from "./not-found.js";
import { answerProblem } from "./problem.js";
import { requestIdHeader, safeHeaders } from "./safe-headers.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The error thrown while the request was handled; only for the log. */
    failure: unknown;
  }
}

interface RefusedRequest {
  readonly detail: string;
  readonly field: string;
  readonly problem: string;
  readonly fix: string;
}

const refusal = (field: string, what: string, problem: string, fix: string): RefusedRequest => ({
  detail: `${what} ${problem}: ${fix}`,
  field,
  problem,
  fix,
});

const refusalOfBody = (problem: string, fix: string): RefusedRequest => refusal("body", "the body", problem, fix);

const types = { json: "application/json", list: "application/x-ndjson or text/csv" } as const;

/** What a route accepts as a body. */
const acceptedTypes = ({ body, list }: Partial<RouteContract> = {}): string => {
  if (list === undefined) return types.json;
  return body ? `${types.json}, ${types.list}` : types.list;
};

/** The refusal of a body whose media type the route does not accept. */
const wrongMediaType = ({ routeOptions }: Pick<FastifyRequest, "routeOptions">, problem = "is not supported"): RefusedRequest =>
  refusal("Content-Type", "the media type of the body", problem, `send ${acceptedTypes(routeOptions?.config?.contract)}`);

const malformed = refusalOfBody("is not JSON", "send one JSON object in UTF-8");

/** The problem with a request that Fastify itself refuses, by its code. */
const refusals: Readonly<Record<string, RefusedRequest>> = {
  ENCODED_BODY: refusal("Content-Encoding", "the content coding of the body", "is not supported", "send it without Content-Encoding"),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: refusal(
    "Content-Length",
    "the length of the body",
    "differs from Content-Length",
    "send a Content-Length that matches the body",
  ),
  FST_ERR_CTP_BODY_TOO_LARGE: refusalOfBody("is larger than http.bodyLimitBytes", "shorten it, or link to large content"),
  FST_ERR_CTP_EMPTY_JSON_BODY: refusalOfBody("is empty", "send a JSON object"),
  FST_ERR_CTP_INVALID_JSON_BODY: malformed,
  FST_ERR_BAD_URL: refusal("path", "the path", "is not percent-encoded UTF-8", "percent-encode it"),
  FST_ERR_MAX_PARAM_LENGTH: refusal("path", "a segment of the path", "is too long", "check the id"),
};

const refusalOf = (error: Partial<FastifyError>, request: Pick<FastifyRequest, "routeOptions">): RefusedRequest | undefined => {
  const { code = "" } = error;
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return wrongMediaType(request);
  if (code === "FST_ERR_CTP_INVALID_TYPE") return wrongMediaType(request, "is malformed");
  if (Object.hasOwn(refusals, code)) return refusals[code];
  return error instanceof SyntaxError ? malformed : undefined;
};

const answerRefusedRequest = (
  request: Pick<FastifyRequest, "routeOptions">,
  reply: FastifyReply,
  status: number,
  error: Partial<FastifyError>,
): FastifyReply => {
  const found = refusalOf(error, request);
  if (!found) return answerProblem(reply, status);
  const { detail, ...finding } = found;
  return answerProblem(reply, status, detail, [finding]);
};

/** Answers 415 to a body whose media type the route does not accept. */
export const answerWrongMediaType = (request: Pick<FastifyRequest, "routeOptions">, reply: FastifyReply): FastifyReply => {
  const { detail, ...finding } = wrongMediaType(request);
  return answerProblem(reply, 415, detail, [finding]);
};

const isOf = (error: unknown, code: ErrorCode): boolean => error instanceof CarillonError && error.code === code;
const isDiskFull = (error: unknown): boolean => isOf(error, "DISK_FULL");
const isMoved = (error: unknown): boolean => isOf(error, "STORE_MOVED");

/** The public message of a failure: what to expect, without paths, addresses or library messages. */
export const publicWordsOf = (error: unknown): string =>
  isDiskFull(error)
    ? "disk full: Carillon accepts no new messages until space is freed"
    : ((error instanceof CarillonError ? error.publicWords : undefined) ?? "a server that Carillon needs is unavailable");

/** Answers a handler's error. Its message goes only to the log, because it may contain addresses and data of others. */
const answerThrown = (error: Partial<FastifyError>, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const wait = error instanceof CarillonError && error.retryable;
  const status = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 600 ? error.statusCode : wait ? 503 : 500;
  if (error instanceof BodyRefused) return answerProblem(reply, status, error.message, error.errors);
  if (status < 500) return answerRefusedRequest(request, reply, status, error);
  if (error instanceof CarillonError && error.code === "RECORD_REFUSED")
    return answerProblem(reply, 413, "the message exceeds the log's record size: shorten its content, metadata or variables");
  request.failure = error;
  return answerProblem(
    reply,
    status,
    status === 503 ? publicWordsOf(error) : "internal error; the log has the details under this requestId",
  );
};

/** Answers failures without their messages, and logs each with its request id. */
export const answerFailures = (app: FastifyInstance, logger: Logger, mask: Mask): void => {
  app.decorateRequest("failure", undefined);
  app.setErrorHandler(answerThrown);
  const methodsOf = collectMethods(app);
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(request.url.split("?")[0] ?? "");
    // the router misses a path with a known method only if a part of it is refused
    return allowed.length > 0 && !allowed.includes(request.method)
      ? answerProblem(reply.header("allow", allowed.join(", ")), 405, `${request.method} is not allowed: use ${inWords(allowed)}`)
      : answerNotFound(request, reply, "no such route: see GET /openapi.json");
  });
  app.addHook("onResponse", async (request, reply) => {
    const { id, method, failure, routeOptions } = request;
    // each of these is logged once elsewhere, and the log may be on the full disk
    if (reply.statusCode < 500 || isDiskFull(failure) || isMoved(failure)) return;
    const err = failure === undefined ? undefined : mask(messageOf(failure));
    logger.error({ requestId: id, method, route: routeOptions.url, status: reply.statusCode, err }, "request failed");
  });
};

/** Answers requests that Fastify refuses before routing. */
export const answerFrameworkError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
  const status = error.statusCode !== undefined && error.statusCode < 500 ? error.statusCode : 400;
  void answerRefusedRequest(request, reply.headers({ ...safeHeaders, [requestIdHeader]: request.id }), status, error);
};
