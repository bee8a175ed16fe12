import { z } from "zod";
import { problemSchema } from "./problem-schema.js";

/** How a body is written: `lines` are JSON values, one a line; `events` are server-sent events with JSON data. */
export type BodyForm = "json" | "lines" | "events" | "text" | "bytes";

/** A body of one media type. `schema`: the JSON value, each line, or the data of each event; unused for text and bytes. */
export interface Media {
  readonly form: BodyForm;
  readonly schema: z.ZodType;
}

export interface AnswerHeader {
  readonly description: string;
  readonly schema: z.ZodType;
  /** Whether every answer has it. Default: true. */
  readonly always?: boolean;
}

/** The answer with one status. No content: no body. */
export interface Answer {
  readonly description: string;
  readonly content: Readonly<Record<string, Media>>;
  readonly headers?: Readonly<Record<string, AnswerHeader>>;
}

/** All answers of a route, by status. */
export type Answers = Readonly<Record<number, Answer>>;

type Headers = Readonly<Record<string, AnswerHeader>>;

const withHeaders = (headers: Headers | undefined): Pick<Answer, "headers"> => (headers === undefined ? {} : { headers });

export const json = (schema: z.ZodType, description: string, headers?: Headers): Answer => ({
  description,
  content: { "application/json": { form: "json", schema } },
  ...withHeaders(headers),
});

/** JSON values, one a line. */
export const lines = (schema: z.ZodType, description: string): Answer => ({
  description,
  content: { "application/x-ndjson": { form: "lines", schema } },
});

/** A stream of server-sent events, each with a JSON value as its data. */
export const events = (schema: z.ZodType, description: string): Answer => ({
  description,
  content: { "text/event-stream": { form: "events", schema } },
});

const anyText: Media = { form: "text", schema: z.string() };
const anyBytes: Media = { form: "bytes", schema: z.unknown() };

export const text = (type: string, description: string, headers?: Headers): Answer => ({
  description,
  content: { [type]: anyText },
  ...withHeaders(headers),
});

/** A file whose type depends on its name. */
export const file = (types: readonly string[], description: string, headers?: Headers): Answer => ({
  description,
  content: Object.fromEntries(types.map((type) => [type, anyBytes])),
  ...withHeaders(headers),
});

/** An answer without a body. */
export const nothing = (description: string, headers?: Headers): Answer => ({ description, content: {}, ...withHeaders(headers) });

/** The same answer in further media types. */
export const orElse = (answer: Answer, ...others: readonly Answer[]): Answer => ({
  ...answer,
  content: Object.assign({}, answer.content, ...others.map(({ content }) => content)),
});

/** A problem in the form of RFC 9457. */
export const problem = (description: string, headers?: Headers): Answer => ({
  description,
  content: { "application/problem+json": { form: "json", schema: problemSchema } },
  ...withHeaders(headers),
});

const seconds = z.string().regex(/^\d+$/);

/** The header of 503. */
export const retryAfter: Headers = { "Retry-After": { description: "Seconds to wait before the next attempt", schema: seconds } };

const members = z.string().regex(/^"[a-z-]+"(?:;[a-z]+=\d+)+(?:, "[a-z-]+"(?:;[a-z]+=\d+)+)*$/);

/** The headers of 429. Source: draft-ietf-httpapi-ratelimit-headers-10. */
export const limited: Headers = {
  ...retryAfter,
  "RateLimit-Policy": { description: "Each limit's name, its quota (q), and its window in seconds (w)", schema: members },
  RateLimit: { description: "Each limit's name, what remains of its quota (r), and the seconds until it grows (t)", schema: members },
};

/** The header of 401. */
export const authenticate: Headers = {
  "WWW-Authenticate": { description: "The accepted scheme", schema: z.enum(["Bearer", 'Bearer error="invalid_token"']) },
};
