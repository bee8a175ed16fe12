import { Readable } from "node:stream";
import { z } from "zod";
import { CarillonError } from "../../schemas/errors.js";
import { sendRequest } from "../../wire/http-request.js";
import { linesOf } from "../../wire/lines.js";
import { versionHeader } from "../../wire/own-version.js";
import type { OnProgress } from "../deployment/deployment.js";
import type { Address } from "./address.js";
import { type AnswerHead, errorOf, parsedJson, problemShape, problemType, refusedAnswer, unexpected } from "./refused.js";
import { tooSlow, unreachable } from "./unreachable.js";

/** No line of an answer is longer. */
const mostLineBytes = 16 * 1_048_576;

/** One request to the server. */
export interface Question {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Starts with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
  /** The body, if it is JSON already. */
  readonly json?: string;
  /** A list as the body, sent as it is read. */
  readonly list?: { readonly type: string; readonly chunks: AsyncIterable<Buffer> };
}

/** A connection to a server. All methods reject with an error that has a fix. */
export interface Connection {
  /** The answer as JSON, an object or a list according to `shape`. */
  ask<Answer>(question: Question, shape: z.ZodType): Promise<Answer>;
  /** Resolves once the server has answered that the work is done. */
  done(question: Question): Promise<void>;
  /** The result of long work. */
  work<Result>(question: Question, shape: z.ZodType, onProgress?: OnProgress): Promise<Result>;
  /** The bytes of a streamed answer of this type. */
  bytes(question: Question, type: string): AsyncGenerator<Buffer>;
  /** The lines of a streamed answer. */
  lines(question: Question): AsyncGenerator<string>;
}

/** Longest silence before an answer and between its parts. A working server sends a line every ten seconds. */
const silenceMs = 60_000;
const mostAnswerBytes = 256 * 1024 * 1024;
const linesType = "application/x-ndjson";

const queryOf = (given: Question["query"] = {}): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) for (const one of value === undefined ? [] : [value].flat()) query.append(name, one);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
};

const bodyOf = ({ body, json }: Question): string | null => {
  if (json !== undefined || body === undefined) return json ?? null;
  try {
    return JSON.stringify(body);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CarillonError("INPUT_INVALID", "the input is nested too deeply", { fix: "use fewer levels of lists and maps in each other" });
  }
};

const headersOf = ({ key }: Address, { list }: Question, body: string | null, accept: string): Record<string, string> => ({
  accept,
  "accept-encoding": "identity",
  ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  ...(body === null ? {} : { "content-type": "application/json" }),
  ...(list === undefined ? {} : { "content-type": list.type }),
});

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

const headOf = (status: number, headers: Readonly<Record<string, string | string[] | undefined>>): AnswerHead => ({
  status,
  type: (first(headers["content-type"]) ?? "").split(";")[0]?.trim().toLowerCase() ?? "",
  version: first(headers[versionHeader]),
  location: first(headers.location),
  retryAfter: first(headers["retry-after"]),
});

/** Ends a request on which nothing was received for too long. */
const watchSilence = () => {
  const control = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const received = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => control.abort(), silenceMs);
  };
  received();
  return { signal: control.signal, received, end: () => clearTimeout(timer) };
};

interface Answer {
  readonly head: AnswerHead;
  /** Can be read once. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Discards the unread rest. */
  readonly drop: () => void;
}

const textOf = async (chunks: AsyncIterable<Buffer>): Promise<string> => {
  const all: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostAnswerBytes) throw new CarillonError("SERVER_INCOMPATIBLE", "the answer exceeds the maximum size");
    all.push(chunk);
  }
  return Buffer.concat(all).toString();
};

const lineShape = z.union([
  z.object({ progress: z.object({ done: z.number(), all: z.number().optional() }) }),
  z.object({ result: z.looseObject({}) }),
  z.object({ problem: problemShape }),
]);

/** The answer to a request, with an unread body. Rejects for a problem, and for an answer that is not Carillon's. */
const answerOf = async (address: Address, question: Question, accept: string): Promise<Answer> => {
  const { method = "GET", path, query } = question;
  const body = bodyOf(question);
  const silence = watchSilence();
  const errorFor = (error: unknown): Error => {
    if (error instanceof CarillonError) return error;
    return silence.signal.aborted ? tooSlow(address, silenceMs) : unreachable(address, error);
  };
  try {
    const response = await sendRequest({
      url: `${address.url}${path}${queryOf(query)}`,
      method,
      headers: headersOf(address, question, body, accept),
      body: question.list ? Readable.from(question.list.chunks) : body,
      signal: silence.signal,
      isDirect: address.isLocal,
    });
    // a body discarded half-way emits an error
    response.body.on("error", () => undefined);
    const drop = (): void => {
      silence.end();
      response.body.destroy();
    };
    const chunks = async function* (): AsyncGenerator<Buffer> {
      try {
        for await (const chunk of response.body as AsyncIterable<Buffer>) {
          silence.received();
          yield chunk;
        }
      } catch (error) {
        throw errorFor(error);
      } finally {
        silence.end();
      }
    };
    const head = headOf(response.statusCode, response.headers);
    const refusal = refusedAnswer(address, path, head, head.type === problemType ? await textOf(chunks()) : undefined);
    if (!refusal) return { head, chunks: chunks(), drop };
    drop();
    throw refusal;
  } catch (error) {
    silence.end();
    throw errorFor(error);
  }
};

/** The answer in its original form: the schema's output would reorder its keys. */
const shaped = (address: Address, path: string, head: AnswerHead, found: unknown, shape: z.ZodType): unknown => {
  if (!shape.safeParse(found).success) throw unexpected(address, path, head);
  return found;
};

const jsonOf = async (address: Address, path: string, { head, chunks }: Answer, shape: z.ZodType): Promise<unknown> => {
  if (head.type !== "application/json") throw unexpected(address, path, head);
  return shaped(address, path, head, parsedJson(await textOf(chunks)), shape);
};

/** The result in the last line of an answer that reports progress. */
const resultOf = async (address: Address, path: string, answer: Answer, shape: z.ZodType, onProgress: OnProgress): Promise<unknown> => {
  const { head, chunks } = answer;
  for await (const bytes of linesOf(chunks, mostLineBytes)) {
    const text = bytes?.toString() ?? "";
    if (text.trim() === "") continue;
    const line = lineShape.safeParse(parsedJson(text)).data;
    if (!line) throw unexpected(address, path, head);
    if ("problem" in line) throw errorOf(line.problem, head.version);
    if ("result" in line) return shaped(address, path, head, line.result, shape);
    onProgress(line.progress.done, line.progress.all);
  }
  throw new CarillonError("UNAVAILABLE", `the answer of ${address.url} ended before its result`, {
    fix: "a proxy closed the connection, or the server stopped: check what the server completed, then run the command again",
  });
};

export const connect = (address: Address): Connection => {
  const read = async (question: Question, accept: string, reading: (answer: Answer) => Promise<unknown>): Promise<unknown> => {
    const answer = await answerOf(address, question, accept);
    try {
      return await reading(answer);
    } finally {
      answer.drop();
    }
  };
  return {
    ask: async <T>(question: Question, shape: z.ZodType) =>
      (await read(question, "application/json", (answer) => jsonOf(address, question.path, answer, shape))) as T,
    done: async (question) => {
      await read(question, "application/json", async ({ head }) => {
        if (head.status !== 204) throw unexpected(address, question.path, head);
      });
    },
    work: async <T>(question: Question, shape: z.ZodType, onProgress: OnProgress = () => undefined) =>
      (await read(question, `${linesType}, application/json`, (answer) =>
        answer.head.type === linesType
          ? resultOf(address, question.path, answer, shape, onProgress)
          : jsonOf(address, question.path, answer, shape),
      )) as T,
    bytes: async function* (question, type) {
      const { head, chunks, drop } = await answerOf(address, question, type);
      try {
        if (head.type !== type) throw unexpected(address, question.path, head);
        yield* chunks;
      } finally {
        drop();
      }
    },
    lines: async function* (question) {
      const { head, chunks, drop } = await answerOf(address, question, linesType);
      try {
        if (head.type !== linesType) throw unexpected(address, question.path, head);
        for await (const bytes of linesOf(chunks, mostLineBytes)) {
          if (!bytes) throw unexpected(address, question.path, head);
          const text = bytes.toString();
          if (text.trim() !== "") yield text;
        }
      } finally {
        drop();
      }
    },
  };
};
