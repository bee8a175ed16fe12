import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import type { Clock } from "../../stores/clock.js";

export interface SqsOptions {
  readonly client: SQSClientConfig;
  readonly queueUrl: string;
  /** Number of concurrent loops. */
  readonly readers: number;
}

export interface SqsDependencies {
  readonly clock: Clock;
  /** Resolves once the log has stored each message, as receipts or as a dead letter. */
  readonly receive: (bodies: readonly Buffer[]) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
}

const waitSeconds = 20;
/** A late answer ends the call and its connection. */
const pollDeadlineMs = (waitSeconds + 10) * 1_000;
const deleteDeadlineMs = 10_000;
const [firstPauseMs, longestPauseMs] = [500, 30_000];

/**
 * Reads a queue with long polls. A message is deleted only after the log has stored it; an unreadable one becomes a dead letter.
 * Resolves with a function that stops it after the messages in flight.
 */
export const pollSqs = ({ client: config, queueUrl, readers }: SqsOptions, dependencies: SqsDependencies): (() => Promise<void>) => {
  const { clock, receive, onTrouble } = dependencies;
  const client = new SQSClient({ ...config, maxAttempts: 1 });
  const stop = new AbortController();
  const once = async (): Promise<void> => {
    const request = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: waitSeconds });
    const { Messages = [] } = await client.send(request, {
      abortSignal: AbortSignal.any([stop.signal, AbortSignal.timeout(pollDeadlineMs)]),
    });
    if (Messages.length === 0) return;
    await receive(Messages.map(({ Body }) => Buffer.from(Body ?? "")));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
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
