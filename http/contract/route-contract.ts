import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Scope } from "../../access/scopes.js";
import type { Access } from "../access/access.js";
import type { Answers } from "./answers.js";
import { commonAnswers } from "./common-answers.js";
import type { Tag } from "./tags.js";

/** A header that a request may carry. */
export interface RequestHeader {
  readonly description: string;
  readonly schema: z.ZodType;
}

/** A route's request and answers as data: the source of its registration, of the API's description and of the check of its answers. */
export interface RouteContract {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** In Fastify's form: `/v1/messages/:id`. */
  readonly url: string;
  readonly access: Access;
  /** The scope that the caller's key needs. Default: see `scopeOf`. */
  readonly scope?: Scope;
  /** The parameter that names the tenant of the request. Default: the caller's own tenant. */
  readonly tenantParam?: string;
  /** The parameter that names a user, whose own token may call the route. */
  readonly userParam?: string;
  /** The operation's id: unique, stable, and the name of the function in generated clients. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: Readonly<Record<string, RequestHeader>>;
  /** A JSON body. */
  readonly body?: z.ZodType;
  /** The body may be a list that is streamed, as NDJSON or CSV. */
  readonly list?: string;
  /** A body of any media type, instead of JSON. */
  readonly anyBody?: string;
  readonly answers: Answers;
  /** The name of its work in the audit log, such as `deadLetters.discard`. Without one, it is not recorded. */
  readonly audited?: string;
  /** Whether HEAD is answered like GET. Default: true. Not for work that HEAD would do in vain. */
  readonly head?: false;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route's contract. Routes of embedded subsystems may have none. */
    contract?: RouteContract;
  }
}

/** Completes a contract with the answers that follow from its access, parameters and body. */
export const defineRoute = <const Contract extends RouteContract>(contract: Contract): Contract => ({
  ...contract,
  answers: { ...commonAnswers(contract), ...contract.answers },
});

type ParamsOf<Contract extends RouteContract> = Contract["params"] extends z.ZodObject ? z.input<Contract["params"]> : unknown;

type Handler<Contract extends RouteContract> = (
  request: FastifyRequest<{ Params: ParamsOf<Contract> }>,
  reply: FastifyReply,
) => FastifyReply | Promise<unknown>;

export interface RouteOptions {
  /** In bytes; default: http.bodyLimitBytes. */
  readonly bodyLimit?: number;
  /** Whether the handler checks the names of fields itself, for each item of the body. */
  readonly checksNames?: boolean;
}

/** Serves a route. The handler validates query and body, because each has its own order of checks. */
export const addRoute = <Contract extends RouteContract>(
  app: FastifyInstance,
  contract: Contract,
  handler: Handler<Contract>,
  { checksNames = false, ...options }: RouteOptions = {},
): void => {
  const { method, url, access, scope, tenantParam, userParam, head } = contract;
  app.route<{ Params: ParamsOf<Contract> }>({
    ...options,
    method,
    url,
    config: {
      ...{ access, contract, checksNames },
      ...(scope ? { scope } : {}),
      ...(tenantParam ? { tenantParam } : {}),
      ...(userParam ? { userParam } : {}),
    },
    ...(head === false ? { exposeHeadRoute: false } : {}),
    handler,
  });
};
