import { randomUUID } from "node:crypto";
import { CarillonError } from "../schemas/errors.js";
import { createInFlight } from "../stores/in-flight.js";
import { endWith } from "./abort.js";
import { isValid } from "./check-input.js";
import { checkMessage, type MessageCheck } from "./check-message.js";
import { checkOptions } from "./check-options.js";
import type { MessageInput, UserMessageInput } from "./generated.js";
import { resultOfAnswer } from "./http-answer.js";
import { httpClientOptions } from "./http-client-options.js";
import { postUntilAnswered } from "./http-tries.js";
import type { Limits } from "./limits.js";
import { checkMessages, signalOf } from "./send-arguments.js";
import type { CarillonClient, SendOptions, SendResult } from "./send-result.js";
import { parseTraceContext } from "./trace-context.js";
import { readTrace, type TraceFunctions } from "./trace-functions.js";
import { createTurns } from "./turns.js";
import { checkUserMessage, isToUser } from "./user-message-input.js";

export interface HttpClientOptions {
  /** Address of Carillon, such as https://carillon.example.com, without /v1. The client appends /v1/messages to its path. */
  readonly url: string;
  /** One of `http.apiKeys`: printable ASCII without spaces. A Carillon without keys needs none. */
  readonly apiKey?: string | undefined;
  /** The tenant of messages that name none, for an operator's key. Default: the tenant of the key. */
  readonly tenant?: string | undefined;
  /** Limits that differ from Carillon's defaults. */
  readonly limits?: Partial<Limits> | undefined;
  /** Returns the W3C traceparent of the current work, for each send. Default: each message starts its own trace. */
  readonly traceparent?: (() => string | undefined) | undefined;
  /** The matching W3C tracestate. */
  readonly tracestate?: (() => string | undefined) | undefined;
  /** Maximum time for a message, with its time in the client's queue, all tries and the pauses between them, in milliseconds; default: 30 s. */
  readonly deadlineMs?: number | undefined;
  /** Maximum time for one try, in milliseconds; default: 10 s. */
  readonly requestTimeoutMs?: number | undefined;
  /** Maximum number of concurrent requests; default: 16. Further messages are queued. */
  readonly concurrency?: number | undefined;
  /** How long `close()` waits for sends in flight, in milliseconds; default: 30 s. */
  readonly closeTimeoutMs?: number | undefined;
}

/** A message to an address, or to a user of the directory. */
type Sendable = MessageInput | UserMessageInput;

/** The client over HTTP. Carillon chooses the addresses of a message to a user, so such messages need an answer. */
export interface HttpCarillonClient extends CarillonClient {
  send(message: Sendable, options?: SendOptions): Promise<SendResult>;
  sendAll(messages: readonly Sendable[], options?: SendOptions): Promise<readonly SendResult[]>;
}

/** The client appends the route to the path of Carillon's address. */
const routeAt = (address: string): URL => {
  const { pathname, origin } = new URL(address);
  return new URL(`${pathname.replace(/\/+$/, "")}/v1/messages`, origin);
};

const traceHeaders = (functions: TraceFunctions): Record<string, string> => {
  const trace = parseTraceContext(...readTrace(functions));
  if (!trace) return {};
  return { traceparent: trace.traceparent, ...(trace.tracestate === null ? {} : { tracestate: trace.tracestate }) };
};

const queuedTooLong = ({ origin }: URL, deadlineMs: number): CarillonError =>
  new CarillonError("BUSY", `the message was queued in the client for ${deadlineMs / 1_000} s, and not sent to Carillon at ${origin}`, {
    fix: "send fewer messages at once, or raise concurrency or deadlineMs",
  });

/** In JSON, bytes are base64. */
const withTextFiles = (content: MessageInput["content"]): MessageInput["content"] =>
  content?.attachments && {
    ...content,
    attachments: content.attachments.map((file) => ({
      ...file,
      content: typeof file.content === "string" ? file.content : file.content.toString("base64"),
    })),
  };

/** The content of each channel for which it differs, in JSON. */
const contentsOf = (message: Sendable): Pick<UserMessageInput, "contents"> =>
  "contents" in message && message.contents
    ? { contents: Object.fromEntries(Object.entries(message.contents).map(([channel, one]) => [channel, withTextFiles(one) ?? one])) }
    : {};

/** Checks a message as Carillon does. The content of a message to a user is checked by Carillon, once it has chosen the channel. */
const problemsOf = (message: Sendable, limits: Limits): Pick<MessageCheck, "errors" | "warnings"> => {
  if (!isToUser(message)) return checkMessage(message, limits);
  const check = checkUserMessage(message);
  return { errors: isValid(check) ? [] : check.errors, warnings: [] };
};

const bodyOf = (message: Sendable, tenant: string | undefined): string =>
  JSON.stringify({
    ...message,
    content: withTextFiles(message.content) ?? message.content,
    ...contentsOf(message),
    tenant: message.tenant ?? tenant,
    // without a key, a try after a lost answer would create a second message
    idempotencyKey: message.idempotencyKey ?? randomUUID(),
  });

/**
 * A client that posts to Carillon's HTTP API. It applies the API's checks before it sends. Throws INPUT_INVALID for invalid options, with
 * all problems at once.
 *
 * Retries of one send never create a second message: without an `idempotencyKey`, the client generates one for the send. To repeat a
 * rejected send, set an `idempotencyKey` yourself.
 */
export const createHttpClient = (options: HttpClientOptions): HttpCarillonClient => {
  const checked = checkOptions(httpClientOptions, options);
  const { apiKey, tenant, limits, deadlineMs, requestTimeoutMs, closeTimeoutMs } = checked;
  const url = routeAt(checked.url);
  const sends = createInFlight("the client");
  const inTurn = createTurns(checked.concurrency);
  const ending = new AbortController();
  let closing: Promise<void> | undefined;

  const headers = (): Record<string, string> => ({
    "content-type": "application/json",
    "user-agent": "carillon-client",
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    ...traceHeaders(checked),
  });
  const post = async (message: Sendable, signal: AbortSignal | undefined): Promise<SendResult> => {
    const { errors, warnings } = problemsOf(message, limits);
    if (errors.length > 0) return { accepted: false, errors };
    const signals = signal ? [ending.signal, signal] : [ending.signal];
    const endMs = Date.now() + deadlineMs;
    const request = { url, headers: headers(), body: bodyOf(message, tenant), endMs, requestTimeoutMs, signals };
    const work = async (): Promise<SendResult> => {
      // a message whose send was aborted in the queue is not sent
      signal?.throwIfAborted();
      return resultOfAnswer(await postUntilAnswered(request), url, warnings);
    };
    return inTurn(work, deadlineMs, () => queuedTooLong(url, deadlineMs));
  };
  const postAll = async (messages: readonly Sendable[], signal: AbortSignal | undefined): Promise<readonly SendResult[]> => {
    const settled = await Promise.allSettled(messages.map((message) => post(message, signal)));
    return settled.map((one) => {
      if (one.status === "rejected") throw one.reason;
      return one.value;
    });
  };
  return {
    send: (message, sendOptions) =>
      sends.run(async () => {
        const signal = signalOf(sendOptions);
        return endWith(signal, () => post(message, signal));
      }),
    sendAll: (messages, sendOptions) =>
      sends.run(async () => {
        const signal = signalOf(sendOptions);
        checkMessages(messages);
        return endWith(signal, () => postAll(messages, signal));
      }),
    close: () => {
      closing ??= sends.drain(closeTimeoutMs).then(() => ending.abort());
      return closing;
    },
  };
};
