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
  /** Address of Carillon, such as https://carillon.example.com. A path is kept: /v1/messages comes after it. */
  readonly url: string;
  /** One of `http.apiKeys`; left out where Carillon runs on the same machine without keys. */
  readonly apiKey?: string | undefined;
  /** Whose messages they are where a message does not say: for an operator's key. Else they are of the key's tenant. */
  readonly tenant?: string | undefined;
  readonly limits?: Limits | undefined;
  /** The W3C traceparent of what a message is sent for, asked at each send; else traces begin with the message. */
  readonly traceparent?: (() => string | undefined) | undefined;
  /** The W3C tracestate that goes with it. */
  readonly tracestate?: (() => string | undefined) | undefined;
  /** How long a message may take from its first try, with all tries and the pauses between them, in milliseconds; 30 s unless given. */
  readonly deadlineMs?: number | undefined;
  /** How long one try may take, in milliseconds; 10 s unless given. */
  readonly tryTimeoutMs?: number | undefined;
  /** Requests at once; further messages wait. 16 unless given. */
  readonly concurrency?: number | undefined;
  /** How long `close()` waits for sends in flight, in milliseconds; 30 s unless given. */
  readonly closeTimeoutMs?: number | undefined;
}

/** Runs so much work at once; the rest waits for its turn. */
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
    throw new CarillonError("INPUT_INVALID", "is not an http or https address without account, query and fragment", {
      field: "url",
      fix: "give the address of Carillon, such as https://carillon.example.com",
    });
  return new URL(`${base.pathname.replace(/\/+$/, "")}/v1/messages`, base.origin);
};

/** JSON carries bytes as base64. */
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
    // without a key, a message whose answer was lost would be sent twice by the next try
    idempotencyKey: message.idempotencyKey ?? randomUUID(),
  });

/**
 * A client that posts to Carillon's HTTP API. The checks are those of the API, made before anything is sent. Throws INPUT_INVALID for a wrong `url`.
 *
 * Tries of one send never make two messages: a message without an `idempotencyKey` gets one for this send. To send again what was rejected, give
 * it a key of your own.
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
