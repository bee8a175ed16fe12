import type { FastifyInstance } from "fastify";
import type { Finding } from "../channels/finding.js";
import { checkTexts, isWellFormed } from "../client/well-formed.js";
import { decodeText } from "../wire/decode-text.js";
import { parseJson } from "../wire/parse-json.js";
import { faultOf } from "./problem.js";

/** An invalid body, with the fields at fault as far as it could be parsed. */
export class BodyRefused extends Error {
  readonly statusCode = 400;

  constructor(
    message: string,
    readonly errors: readonly Pick<Finding, "field" | "problem" | "fix">[],
  ) {
    super(message);
  }
}

const forbiddenNames = "the body has a forbidden field name: __proto__, or prototype within constructor";

const fieldsOf = (input: unknown): Pick<Finding, "field" | "problem" | "fix">[] => checkTexts(input).map(faultOf);

/** The fields with forbidden names, in a body that the parser refused because of one. */
const forbiddenIn = (input: unknown): Pick<Finding, "field" | "problem" | "fix">[] => {
  const found = fieldsOf(input);
  return found.length > 0 ? found : [{ field: "body", problem: "has a forbidden field name", fix: "remove constructor.prototype" }];
};

/** Bodies are never decompressed: a small one could fill the memory. */
class Encoded extends Error {
  readonly statusCode = 415;
  readonly code = "ENCODED_BODY";
}

const isEncoded = (coding: string | undefined): boolean => !["", "identity"].includes((coding ?? "").trim().toLowerCase());

/** Throws what is answered with 415 for a body with a content coding. */
export const assertNotEncoded = (coding: string | undefined): void => {
  if (isEncoded(coding)) throw new Encoded();
};

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route checks the names of fields itself, for each item of its body. */
    checksNames?: boolean;
  }
}

/** Parses JSON bodies. One that is not UTF-8 is refused, naming the fields with such bytes, instead of being sent with U+FFFD. */
export const readJsonBodies = (app: FastifyInstance): void => {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    if (isEncoded(request.headers["content-encoding"])) return done(new Encoded());
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    const text = decodeText(bytes);
    const finish = (error: Error | null, parsed?: unknown): void => {
      const errors = error || isWellFormed(text) ? [] : fieldsOf(parsed);
      if (error) refuse(error);
      else if (errors.length > 0) done(new BodyRefused("the body is not UTF-8", errors));
      else done(null, parsed);
    };
    const refuse = (error: Error): void => {
      const forbidden = parseJson(text);
      if (forbidden === undefined) done(error);
      else if (request.routeOptions.config.checksNames) done(null, forbidden);
      else done(new BodyRefused(forbiddenNames, forbiddenIn(forbidden)));
    };
    parse(request, text, finish);
  });
};
