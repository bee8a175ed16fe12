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

/** A problem with its field, which is left out if it is the request as a whole. */
const withField = ({ field, problem }: FieldNote): string => (field === "request" ? problem : `${field}: ${problem}`);

/** The problems of these fields, in one text. */
const listOf = (errors: readonly FieldNote[]): string =>
  errors.map(({ field, problem, fix }) => `  ${field} ${problem}: ${fix}`).join("\n");

const sameVersion = (version: string | undefined): string | undefined =>
  version === undefined || version === ownVersion()
    ? undefined
    : `the server has version ${version}, and this command line ${ownVersion()}: use the command line of the server's version`;

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
  const words = detail ?? (title || `the server answered ${status}`);
  const named = only && others.length === 0 ? withField(only) : `${words}${errors.length > 0 ? `:\n${listOf(errors)}` : ""}`;
  const inLog = requestId === undefined ? undefined : `look for requestId ${requestId} in the server's log`;
  const fix = sameVersion(version) ?? (only && others.length === 0 ? only.fix : undefined);
  // with a single field the detail of a refusal gives the required permission, so it comes first
  const text = only && detail !== undefined && status === 403 ? `${detail}: ${named}` : named;
  return new RemoteRefusal(codeOf(problem), text, fix ?? inLog, errors);
};

const unauthorized = ({ url, key, keyFrom }: Address, isOfCarillon: boolean): CarillonError => {
  if (!isOfCarillon)
    return new CarillonError("UNAUTHORIZED", `${url} requires authentication, but not by Carillon`, {
      fix: "a proxy in front of it probably does: give an address behind the proxy, or exempt /v1 and /reports",
    });
  return key === undefined
    ? new CarillonError("UNAUTHORIZED", `${url} requires a key`, { fix: "set CARILLON_API_KEY, or give --key-file" })
    : new CarillonError("UNAUTHORIZED", `${url} rejected the key${keyFrom === undefined ? "" : ` from ${keyFrom}`}`, {
        fix: "give one of its keys in CARILLON_API_KEY or with --key-file",
      });
};

/** The fix for an address with a path, which is rarely meant: the command adds the path of each request itself. */
const withoutPath = (url: string): string | undefined => {
  const { origin, pathname } = new URL(url);
  return pathname === "/" ? undefined : `the address contains the path ${pathname}: unless a proxy serves Carillon there, give ${origin}`;
};

const foreign = ({ url }: Address, { status, type }: AnswerHead): CarillonError =>
  new CarillonError(
    "SERVER_INCOMPATIBLE",
    `${url} answered ${status} with ${type || "no content type"}, which Carillon never does for this request`,
    {
      fix: withoutPath(url) ?? "a proxy or another server answered: check the address, and the proxies on the way",
    },
  );

const ofAnotherVersion = ({ url }: Address, path: string): CarillonError =>
  new CarillonError("SERVER_INCOMPATIBLE", `${url} has no route ${path}`, {
    fix:
      withoutPath(url) ??
      `the server has another version than this command line (${ownVersion()}), or is not Carillon: use the command line of the server's version`,
  });

const redirected = ({ url }: Address, { status, location }: AnswerHead): CarillonError =>
  new CarillonError(
    "SERVER_INCOMPATIBLE",
    `${url} redirects to ${location ?? "no address"} (${status}), and Carillon does not send the key there`,
    {
      fix: "if you trust that address, give it instead",
    },
  );

export const problemType = "application/problem+json";

/** The problem with an answer; undefined if there is none. `body`: read only for problems. */
export const refusedAnswer = (address: Address, path: string, head: AnswerHead, body: string | undefined): CarillonError | undefined => {
  const { status, type, version, retryAfter } = head;
  if (status >= 300 && status < 400) return redirected(address, head);
  if (status < 300) return undefined;
  const isProblem = type === problemType;
  if (status === 401) return unauthorized(address, isProblem);
  if (status === 407)
    return new CarillonError("UNAUTHORIZED", "the proxy requires an account", {
      fix: "set it in HTTPS_PROXY: http://name:password@host:port",
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
  return new CarillonError("SERVER_INCOMPATIBLE", `${address.url} answered ${path} in an unknown form`, {
    fix: sameVersion(head.version) ?? "check the proxies between this machine and the server",
  });
};
