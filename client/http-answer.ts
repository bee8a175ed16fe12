import type { Finding } from "../channels/finding.js";
import { CarillonError } from "../schemas/errors.js";
import type { Reason } from "../schemas/reasons.js";
import { type HttpAnswer, mostBodyBytes } from "./http-tries.js";
import type { SendResult, SentMessage } from "./send-result.js";

type Note = Pick<Finding, "field" | "problem" | "fix">;

const isText = (value: unknown): value is string => typeof value === "string";

const isNote = (value: unknown): value is Note => {
  if (typeof value !== "object" || value === null) return false;
  const { field, problem, fix } = value as Partial<Record<keyof Note, unknown>>;
  return isText(field) && isText(problem) && isText(fix);
};

const notesIn = (body: unknown, name: "errors" | "warnings"): readonly Note[] => {
  const list: unknown = typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>)[name] : undefined;
  return Array.isArray(list) ? list.filter(isNote) : [];
};

const textIn = (body: unknown, name: string): string | undefined => {
  const value: unknown = typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>)[name] : undefined;
  return isText(value) ? value : undefined;
};

const isSent = (value: unknown): value is SentMessage => textIn(value, "id") !== undefined && textIn(value, "channel") !== undefined;

/** The messages to a user. */
const messagesIn = (body: unknown): { readonly messages?: readonly SentMessage[] } => {
  const { messages } = body as { readonly messages?: unknown };
  return Array.isArray(messages) ? { messages: messages.filter(isSent) } : {};
};

/** The API returns no reasons. Its status distinguishes them. */
const reasonOf = (status: number, { field }: Note): Reason => {
  if (status === 409) return "idempotency_conflict";
  if (status === 413) return "content_too_large";
  if ((status === 404 || status === 422) && field === "recipient.user") return "invalid_recipient";
  return status === 403 && field === "from" ? "sender_not_allowed" : "invalid_request";
};

const refusalOf = ({ status, body, isTooLarge, location }: HttpAnswer, url: URL): CarillonError => {
  const detail = isTooLarge ? `its body has more than ${mostBodyBytes} bytes` : textIn(body, "detail");
  const more = detail === undefined ? "" : `: ${detail}`;
  if (status === 401)
    return new CarillonError("INPUT_INVALID", `was rejected${more}`, { field: "apiKey", fix: "give one of http.apiKeys" });
  if (status === 403) return new CarillonError("FORBIDDEN", `Carillon at ${url.origin} rejected the request${more}`);
  if (status >= 500) return new CarillonError("UNAVAILABLE", `Carillon at ${url.origin} answered ${status}${more}`);
  const leads =
    location === null ? "" : ` and redirects to ${URL.canParse(location, url.href) ? new URL(location, url).host : "another address"}`;
  return new CarillonError("INPUT_INVALID", `answered ${status}${leads} in a way that Carillon's API never does${more}`, {
    field: "url",
    fix: "give the address of Carillon itself, without /v1",
  });
};

/** Statuses that reject the message itself. */
const refusing: readonly number[] = [400, 403, 404, 409, 413, 422];

/**
 * The result of a send, according to the answer. `warnings`: those of the local check, which have reasons. Throws if the answer is not about
 * the message: INPUT_INVALID for a wrong key or address, FORBIDDEN, UNAVAILABLE.
 */
export const resultOfAnswer = (answer: HttpAnswer, url: URL, warnings: readonly Finding[]): SendResult => {
  const { status, body } = answer;
  const id = textIn(body, "id");
  if (status === 202 && id !== undefined) {
    const others = notesIn(body, "warnings").filter(
      ({ field, problem }) => !warnings.some((one) => one.field === field && one.problem === problem),
    );
    return {
      accepted: true,
      id,
      ...messagesIn(body),
      warnings: [...warnings, ...others.map((one) => ({ ...one, reason: reasonOf(status, one) }))],
    };
  }
  const notes = notesIn(body, "errors");
  if (refusing.includes(status) && notes.length > 0)
    return {
      accepted: false,
      errors: notes.map((one) => ({ field: one.field, reason: reasonOf(status, one), problem: one.problem, fix: one.fix })),
    };
  if (status !== 413) throw refusalOf(answer, url);
  const problem = textIn(body, "detail") ?? "is larger than Carillon accepts";
  return {
    accepted: false,
    errors: [{ field: "message", reason: "content_too_large", problem, fix: "shorten it, or link to large content" }],
  };
};
