import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import type { Report } from "../processors/provider.js";
import { CarillonError } from "../schemas/errors.js";
import { parseJson } from "../schemas/parse-json.js";
import type { Clock } from "../stores/clock.js";

export interface SqsOptions {
  readonly client: SQSClientConfig;
  readonly queueUrl: string;
  /** Loops side by side. */
  readonly readers: number;
}

export interface SqsDependencies {
  readonly clock: Clock;
  /** What a message says; nothing, where it is not about a mail. Throws when it cannot be read. */
  readonly read: (text: string) => Report | undefined;
  /** Resolves once the log has them. */
  readonly report: (reports: readonly Report[]) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
}

const waitSeconds = 20;
/** An answer that is due and does not come ends the call, and its connection with it. */
const pollDeadlineMs = (waitSeconds + 10) * 1_000;
const deleteDeadlineMs = 10_000;
const [firstPauseMs, longestPauseMs] = [500, 30_000];

/** SNS wraps the event unless raw delivery is on. */
const unwrap = (body: string): string => {
  const json = parseJson(body) as { Type?: unknown; Message?: unknown } | undefined;
  if (!json) throw new CarillonError("CALLBACK_REFUSED", "a message of the queue is not JSON");
  return json.Type === "Notification" && typeof json.Message === "string" ? json.Message : body;
};

/**
 * Reads a queue by long polls; a message is deleted only after the log has what it says. One that cannot be read stays,
 * so that the queue's own redrive policy keeps it. Resolves with how to stop: what is in hand is ended first.
 */
export const pollSqs = ({ client: config, queueUrl, readers }: SqsOptions, dependencies: SqsDependencies): (() => Promise<void>) => {
  const { clock, read, report, onTrouble } = dependencies;
  const client = new SQSClient({ ...config, maxAttempts: 1 });
  const stop = new AbortController();
  const readOne = (message: Message): { readonly message: Message; readonly report: Report | undefined } | undefined => {
    try {
      return { message, report: read(unwrap(message.Body ?? "")) };
    } catch (error) {
      onTrouble(error);
      return undefined;
    }
  };
  const once = async (): Promise<void> => {
    const request = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: waitSeconds });
    const { Messages = [] } = await client.send(request, {
      abortSignal: AbortSignal.any([stop.signal, AbortSignal.timeout(pollDeadlineMs)]),
    });
    const readable = Messages.flatMap((message) => readOne(message) ?? []);
    if (readable.length === 0) return;
    const reports = readable.flatMap((one) => one.report ?? []);
    if (reports.length > 0) await report(reports);
    const Entries = readable.map(({ message }, index) => ({ Id: String(index), ReceiptHandle: message.ReceiptHandle }));
    const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }), {
      abortSignal: AbortSignal.timeout(deleteDeadlineMs),
    });
    if (Failed.length > 0) onTrouble(new Error(`${Failed.length} messages were not deleted and will come again: ${Failed[0]?.Message}`));
  };
  const loop = async (): Promise<void> => {
    let pauseMs = firstPauseMs;
    while (!stop.signal.aborted) {
      try {
        await once();
        pauseMs = firstPauseMs;
      } catch (error) {
        if (stop.signal.aborted) return;
        onTrouble(error);
        await clock.sleep(pauseMs, stop.signal);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  };
  const running = Promise.all(Array.from({ length: readers }, loop));
  return async () => {
    stop.abort();
    await running;
    client.destroy();
  };
};
