import type { Admin, Kafka } from "kafkajs";
import { CarillonError } from "../../../schemas/errors.js";
import { systemClock } from "../../clock.js";
import { endedWithin, withinDeadline } from "../../deadline.js";
import { logClosed } from "../log-closed.js";
import { fromKafka } from "./kafka-errors.js";

/** Requests to the brokers about topics, offsets and groups, through one connection that is replaced after failures. */
export interface KafkaAdmin {
  /** Asks within the deadline. Rejects with `what` and the brokers; CLOSED once the log closes. */
  ask<T>(what: string, question: (admin: Admin) => Promise<T>, deadlineMs?: number): Promise<T>;
  /** Closes the connection once the current requests have ended, or after a second. Never rejects. */
  disconnect(): Promise<void>;
}

/** Timeout of offset and metadata requests. */
const questionMs = 30_000;
const mostRetries = 3;
const retryPauseMs = 200;
/** kafkajs connects again for a request that is not finished when its client disconnects. */
const lastAnswersMs = 1_000;

/** While brokers come and go, kafkajs gets no answer for some partitions and throws a TypeError. */
const isRetriable = (error: unknown): boolean =>
  error instanceof TypeError || (error as { readonly retriable?: boolean }).retriable === true;

const ignore = (): void => undefined;

/** `closed`: aborts when the log closes, which refuses further requests. */
export const createKafkaAdmin = (kafka: Kafka, brokers: readonly string[], closed: AbortSignal): KafkaAdmin => {
  let connecting: Promise<Admin> | undefined;
  const asked = new Set<Promise<unknown>>();
  const unanswered = new Set<(error: unknown) => void>();
  /** kafkajs tries again for many seconds after its connections have ended, and a deadline would keep the process alive meanwhile. */
  const untilClosed = <T>(answer: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      unanswered.add(reject);
      answer.then(resolve, reject).finally(() => unanswered.delete(reject));
    });

  const admin = (): Promise<Admin> => {
    if (closed.aborted) return Promise.reject(logClosed());
    connecting ??= (async () => {
      const fresh = kafka.admin();
      await fresh.connect();
      return fresh;
    })().catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  };
  /** After a failure the client may hold dead connections, so the next request creates another client. */
  const renew = (): void => {
    const old = connecting;
    connecting = undefined;
    old?.then((one) => one.disconnect()).catch(() => undefined);
  };
  const ask = async <T>(what: string, question: (admin: Admin) => Promise<T>, deadlineMs: number, retriesLeft: number): Promise<T> => {
    try {
      return await withinDeadline("Kafka", deadlineMs, untilClosed(admin().then((one) => question(one))));
    } catch (error) {
      // partitions that were just created have no leader yet
      if (isRetriable(error) && retriesLeft > 0) {
        await systemClock.sleep(retryPauseMs);
        return ask(what, question, deadlineMs, retriesLeft - 1);
      }
      if (error instanceof CarillonError && error.code !== "UNAVAILABLE") throw error;
      renew();
      throw fromKafka(`${what} (brokers ${brokers.join(", ")})`, error);
    }
  };
  return {
    ask: (what, question, deadlineMs = questionMs) => {
      const answer = ask(what, question, deadlineMs, mostRetries);
      const settled: Promise<unknown> = answer.then(ignore, ignore).finally(() => asked.delete(settled));
      asked.add(settled);
      return answer;
    },
    disconnect: async () => {
      await endedWithin(lastAnswersMs, Promise.all(asked));
      for (const reject of unanswered) reject(logClosed());
      await endedWithin(
        lastAnswersMs,
        Promise.resolve(connecting).then((one) => one?.disconnect()),
      );
    },
  };
};
