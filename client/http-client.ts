import { randomUUID } from "node:crypto";
import { CarillonError } from "../schemas/errors.js";
import { createInFlight } from "../stores/in-flight.js";
import { checkMessage } from "./check-message.js";
import type { MessageInput } from "./generated.js";
import { resultOfAnswer } from "./http-answer.js";
import { postUntilAnswered } from "./http-tries.js";
import type { Limits } from "./limits.js";
import type { CarillonClient, SendResult } from "./send-result.js";

export interface HttpClientOptions {
  /** Address of Carillon, such as https://carillon.example.com. The client appends /v1/messages to its path. */
  readonly url: string;
  /** One of `http.apiKeys`. A Carillon without keys needs none. */
  readonly apiKey?: string | undefined;
  /** The tenant of messages that name none, for an operator's key. Default: the tenant of the key. */
  readonly tenant?: string | undefined;
  readonly limits?: Limits | undefined;
  /** Returns the W3C traceparent of the current work, for each send. Default: each message starts its own trace. */
  readonly traceparent?: (() => string | undefined) | undefined;
  /** The matching W3C tracestate. */
  readonly tracestate?: (() => string | undefined) | undefined;
  /** Maximum time for a message, with all tries and the pauses between them, in milliseconds; default: 30 s. */
  readonly deadlineMs?: number | undefined;
  /** Maximum time for one try, in milliseconds; default: 10 s. */
  readonly tryTimeoutMs?: number | undefined;
  /** Maximum number of concurrent requests; default: 16. Further messages are queued. */
  readonly concurrency?: number | undefined;
  /** How long `close()` waits for sends in flight, in milliseconds; default: 30 s. */
  readonly closeTimeoutMs?: number | undefined;
}

/** Limits concurrent work. Further work waits for its turn. */
const createTurns = (most: number) => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < most) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
};

const addressOf = (url: string): URL => {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (!base || !/^https?:$/.test(base.protocol) || base.username !== "" || base.password !== "" || base.search !== "" || base.hash !== "")
    throw new CarillonError("INPUT_INVALID", "is not an http or https address, or contains an account, a query or a fragment", {
      field: "url",
      fix: "give the address of Carillon, such as https://carillon.example.com",
    });
  return new URL(`${base.pathname.replace(/\/+$/, "")}/v1/messages`, base.origin);
};

/** In JSON, bytes are base64. */
const withTextFiles = (content: MessageInput["content"]): MessageInput["content"] =>
  content?.attachments && {
    ...content,
    attachments: content.attachments.map((file) => ({
      ...file,
      content: typeof file.content === "string" ? file.content : file.content.toString("base64"),
    })),
  };

const bodyOf = (message: MessageInput, tenant: string | undefined): string =>
  JSON.stringify({
    ...message,
    content: withTextFiles(message.content) ?? message.content,
    tenant: message.tenant ?? tenant,
    // without a key, a try after a lost answer would create a second message
    idempotencyKey: message.idempotencyKey ?? randomUUID(),
  });

/**
 * A client that posts to Carillon's HTTP API. It applies the API's checks before it sends. Throws INPUT_INVALID for an invalid `url`.
 *
 * Retries of one send never create a second message: without an `idempotencyKey`, the client generates one for the send. To repeat a
 * rejected send, set an `idempotencyKey` yourself.
 */
export const createHttpClient = (options: HttpClientOptions): CarillonClient => {
  const { apiKey, tenant, limits, deadlineMs = 30_000, tryTimeoutMs = 10_000, concurrency = 16, closeTimeoutMs = 30_000 } = options;
  const url = addressOf(options.url);
  const sends = createInFlight("the client");
  const inTurn = createTurns(concurrency);
  const ending = new AbortController();
  let closing: Promise<void> | undefined;

  const headers = (): Record<string, string> => {
    const [traceparent, tracestate] = [options.traceparent?.(), options.tracestate?.()];
    return {
      "content-type": "application/json",
      "user-agent": "carillon-client",
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(traceparent === undefined ? {} : { traceparent, ...(tracestate === undefined ? {} : { tracestate }) }),
    };
  };
  const post = async (message: MessageInput): Promise<SendResult> => {
    const { errors, warnings, message: checked } = checkMessage(message, limits);
    if (!checked) return { accepted: false, errors };
    const request = { url, headers: headers(), body: bodyOf(message, tenant), deadlineMs, tryTimeoutMs, signal: ending.signal };
    return inTurn(async () => resultOfAnswer(await postUntilAnswered(request), url, warnings));
  };
  return {
    send: (message) => sends.run(() => post(message)),
    sendAll: (messages) =>
      sends.run(async () => {
        const settled = await Promise.allSettled(messages.map(post));
        return settled.map((one) => {
          if (one.status === "rejected") throw one.reason;
          return one.value;
        });
      }),
    close: () => {
      closing ??= sends.drain(closeTimeoutMs).then(() => ending.abort());
      return closing;
    },
  };
};
