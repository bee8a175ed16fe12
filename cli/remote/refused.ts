import { z } from "zod";
import { CarillonError, type ErrorCode, errorCodes } from "../../schemas/errors.js";
import { ownVersion } from "../../wire/own-version.js";
import type { FieldNote } from "../deployment/deployment.js";
import type { Address } from "./address.js";

/** The status and headers of an answer. */
export interface AnswerHead {
  readonly status: number;
  /** Media type without parameters. */
  readonly type: string;
  /** The server's version, if it sent one. */
  readonly version: string | undefined;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
}

/** A problem of the server, in the form of RFC 9457. */
export const problemShape = z.object({
  title: z.string().default(""),
  status: z.number(),
  detail: z.string().optional(),
  code: z.string().optional(),
  requestId: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), problem: z.string(), fix: z.string() })).optional(),
});

type Problem = z.output<typeof problemShape>;

const codes: Readonly<Record<number, ErrorCode>> = { 403: "FORBIDDEN", 404: "NOT_FOUND", 429: "BUSY", 503: "UNAVAILABLE" };

const isCode = (text: string | undefined): text is ErrorCode => text !== undefined && Object.hasOwn(errorCodes, text);

const codeOf = ({ code, status, errors }: Problem): ErrorCode => {
  if (isCode(code)) return code;
  if (errors?.some(({ field }) => field === "idempotencyKey") && status === 409) return "IDEMPOTENCY_CONFLICT";
  return codes[status] ?? (status < 500 ? "INPUT_INVALID" : "UNAVAILABLE");
};

/** The problems of these fields, in one text. */
const listOf = (errors: readonly FieldNote[]): string =>
  errors.map(({ field, problem, fix }) => `  ${field} ${problem}: ${fix}`).join("\n");

const sameVersion = (version: string | undefined): string | undefined =>
  version === undefined || version === ownVersion()
    ? undefined
    : `the server is Carillon ${version}, this command line ${ownVersion()}: use the one of the server's version`;

/** A refusal of the server with the fields that it names. */
export class RemoteRefusal extends CarillonError {
  constructor(
    code: ErrorCode,
    problem: string,
    fix: string | undefined,
    readonly fields: readonly FieldNote[],
  ) {
    super(code, problem, { fix });
  }
}

/** Converts a problem of the server to an error. */
export const errorOf = (problem: Problem, version: string | undefined): RemoteRefusal => {
  const { status, detail, title, errors = [], requestId } = problem;
  const [only, ...others] = errors;
  const words = detail ?? (title || `the server answers ${status}`);
  const named =
    only && others.length === 0 ? `${only.field}: ${only.problem}` : `${words}${errors.length > 0 ? `:\n${listOf(errors)}` : ""}`;
  const inLog = requestId === undefined ? undefined : `look for requestId ${requestId} in the server's log`;
  const fix = sameVersion(version) ?? (only && others.length === 0 ? only.fix : undefined);
  // with a single field the detail of a refusal gives the required permission, so it comes first
  const text = only && detail !== undefined && status === 403 ? `${detail}: ${named}` : named;
  return new RemoteRefusal(codeOf(problem), text, fix ?? inLog, errors);
};

const unauthorized = ({ url, key }: Address, isOfCarillon: boolean): CarillonError => {
  if (!isOfCarillon)
    return new CarillonError("UNAUTHORIZED", `${url} asks for a sign-in that is not Carillon's`, {
      fix: "a proxy in front of it does so: give an address behind it, or let /v1 and /reports pass",
    });
  return key === undefined
    ? new CarillonError("UNAUTHORIZED", `${url} needs a key`, { fix: "set CARILLON_API_KEY, or give --key-file" })
    : new CarillonError("UNAUTHORIZED", `${url} does not know the key`, {
        fix: "give one of its http.apiKeys by CARILLON_API_KEY or --key-file",
      });
};

const foreign = ({ url }: Address, { status, type }: AnswerHead): CarillonError =>
  new CarillonError("SERVER_UNFIT", `${url} answers ${status} with ${type || "no type"}, which Carillon does not do for this request`, {
    fix: "a proxy or another server answers there: check the address, and what lies in between",
  });

const ofAnotherVersion = ({ url }: Address, path: string): CarillonError =>
  new CarillonError("SERVER_UNFIT", `${url} does not know ${path}`, {
    fix: `it is a Carillon of another version than this command line (${ownVersion()}), or no Carillon: use the one of the server's version`,
  });

const redirected = ({ url }: Address, { status, location }: AnswerHead): CarillonError =>
  new CarillonError("SERVER_UNFIT", `${url} answers ${status}: it redirects to ${location ?? "nowhere"}, and the key is not sent on`, {
    fix: "give the address that it leads to, if it is the one you mean",
  });

export const problemType = "application/problem+json";

/** The problem with an answer; undefined if there is none. `body`: read only for problems. */
export const refusedAnswer = (address: Address, path: string, head: AnswerHead, body: string | undefined): CarillonError | undefined => {
  const { status, type, version, retryAfter } = head;
  if (status >= 300 && status < 400) return redirected(address, head);
  if (status < 300) return undefined;
  const isProblem = type === problemType;
  if (status === 401) return unauthorized(address, isProblem);
  if (status === 407)
    return new CarillonError("UNAUTHORIZED", "the proxy needs an account", {
      fix: "name it in HTTPS_PROXY: http://name:password@host:port",
    });
  const problem = isProblem ? problemShape.safeParse(parsedJson(body ?? "")).data : undefined;
  if (!problem) return foreign(address, head);
  // an existing route sends its version to every authenticated caller
  if (status === 404 && version === undefined) return ofAnotherVersion(address, path);
  const error = errorOf(problem, version);
  return status === 429 && retryAfter
    ? new CarillonError("BUSY", error.message, { fix: `wait ${retryAfter} s, and check the key` })
    : error;
};

/** Undefined if the text is not JSON. */
export const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The error of an answer that is not what this command line expects. */
export const unexpected = (address: Address, path: string, head: AnswerHead): CarillonError => {
  if (head.version === undefined) return foreign(address, head);
  return new CarillonError("SERVER_UNFIT", `${address.url} answers ${path} in a form that this command line does not know`, {
    fix: sameVersion(head.version) ?? "check what lies between this machine and the server",
  });
};
