import { randomUUID } from "node:crypto";
import type { Admin, Consumer, Kafka } from "kafkajs";
import { CarillonError } from "../../../schemas/errors.js";
import type { EventLog, LogRecord } from "../event-log.js";
import { logClosed } from "../log-closed.js";
import { createHandOver } from "./hand-over.js";
import type { KafkaAdmin } from "./kafka-admin.js";
import { fromKafka } from "./kafka-errors.js";
import { readFetchesOurselves, recordOf } from "./kafkajs-client/read-fetches.js";

/** A scan without any answer from the brokers for this long has failed. */
const silenceMs = 30_000;
/** The group keeps a member that waits for its reader. */
const heartbeatMs = 1_000;

export interface ScanDependencies {
  readonly kafka: Kafka;
  readonly brokers: readonly string[];
  readonly ask: KafkaAdmin["ask"];
  readonly maxBatchBytes: number | undefined;
  /** Aborts when the log closes. */
  readonly closed: AbortSignal;
}

interface TopicScan extends ScanDependencies {
  readonly topic: string;
  readonly sinceMs: number;
}

interface Span {
  /** The next offset to read. */
  next: number;
  readonly high: number;
}

const spansOf = async (admin: Admin, topic: string, sinceMs: number): Promise<Map<number, Span>> => {
  const begins = new Map(
    sinceMs > 0
      ? (await admin.fetchTopicOffsetsByTimestamp(topic, sinceMs)).map(({ partition, offset }) => [partition, Number(offset)])
      : [],
  );
  const spans = (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }): [number, Span] => [
    partition,
    { next: Math.max(Number(low), begins.get(partition) ?? 0), high: Number(high) },
  ]);
  return new Map(spans.filter(([, { next, high }]) => high > next));
};

/** Reads the spans. `take` resolves once a page has been handled. */
const readSpans = (
  consumer: Consumer,
  { topic, sinceMs }: Pick<TopicScan, "topic" | "sinceMs">,
  spans: Map<number, Span>,
  take: (page: readonly LogRecord[]) => Promise<void>,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`${topic} was not read to its end: no answer within ${silenceMs / 1_000} s`));
    // a reader that has left early must not keep the process alive
    const start = (): NodeJS.Timeout => setTimeout(fail, silenceMs).unref();
    let deadline = start();
    const heard = (): void => {
      clearTimeout(deadline);
      deadline = start();
    };
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      heard();
      if (Number(payload.lastOffset) + 1 >= (spans.get(payload.partition)?.high ?? 0)) spans.delete(payload.partition);
      if (spans.size > 0) return;
      clearTimeout(deadline);
      resolve();
    });
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch, heartbeat }) => {
          const span = spans.get(batch.partition);
          if (!span) return;
          clearTimeout(deadline);
          // a member that has lost its partition reads it again from the beginning
          const fresh = batch.messages.filter(({ offset }) => Number(offset) >= span.next && Number(offset) < span.high);
          const page = fresh
            .filter(({ timestamp }) => Number(timestamp) >= sinceMs)
            .map((message) => recordOf(topic, batch.partition, message));
          const beating = setInterval(() => void heartbeat().catch(() => undefined), heartbeatMs);
          try {
            if (page.length > 0) await take(page);
          } finally {
            clearInterval(beating);
            heard();
          }
          span.next = Number(fresh.at(-1)?.offset ?? span.next - 1) + 1;
        },
      })
      .catch(reject);
    for (const [partition, { next }] of spans) consumer.seek({ topic, partition, offset: String(next) });
  });

/** Reads a topic to its current end, page by page, with a temporary group that is deleted afterwards. */
const readTopic = async function* (scan: TopicScan): AsyncGenerator<readonly LogRecord[]> {
  const { kafka, brokers, ask, topic, sinceMs, maxBatchBytes, closed } = scan;
  readFetchesOurselves(maxBatchBytes);
  const what = `cannot read ${topic}`;
  const spans = await ask(what, (admin) => spansOf(admin, topic, sinceMs));
  if (spans.size === 0) return;
  if (closed.aborted) throw logClosed();
  const groupId = `carillon-scan-${randomUUID()}`;
  let reading = true;
  // kafkajs starts a consumer again after its disconnect if it was just starting, and would do so forever once the log has closed
  const retry = { retries: 3, restartOnFailure: async () => reading && !closed.aborted };
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 200, retry });
  const pages = createHandOver<readonly LogRecord[]>();
  const close = (): void => pages.fail(logClosed());
  closed.addEventListener("abort", close);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    readSpans(consumer, scan, spans, pages.give).then(pages.end, pages.fail);
    yield* pages.taken();
  } catch (error) {
    throw error instanceof CarillonError ? error : fromKafka(`${what} (brokers ${brokers.join(", ")})`, error);
  } finally {
    reading = false;
    closed.removeEventListener("abort", close);
    pages.end();
    await consumer.disconnect();
    await ask(what, (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
  }
};

export const createTopicScan =
  (dependencies: ScanDependencies): EventLog["pages"] =>
  (topic, sinceMs = 0) =>
    readTopic({ ...dependencies, topic, sinceMs });
