import { Worker } from "node:worker_threads";
import { CarillonError, type ErrorCode, unavailable } from "../../../schemas/errors.js";
import { builtFile } from "../../../wire/built-file.js";
import { type Clock, systemClock } from "../../clock.js";
import { startDeadline } from "../../start-deadline.js";
import type { LineageReader, RollupSum } from "../lineage-store.js";

export interface WorkerSettings {
  /** Path of the embedded store's file. */
  readonly path: string;
  /** Deadline of a query. */
  readonly deadlineMs: number;
  /** Number of concurrent queries, each in its own thread. */
  readonly threads: number;
}

export interface WorkerQuestion {
  readonly id: number;
  readonly method: keyof LineageReader;
  readonly args: readonly unknown[];
}

export interface WorkerAnswer {
  readonly id: number;
  /** The thread has started the query; its answer follows. */
  readonly begun?: true;
  readonly value?: unknown;
  readonly error?: {
    readonly code: ErrorCode;
    readonly problem: string;
    readonly field: string | undefined;
    readonly fix: string | undefined;
  };
}

interface Waiting {
  readonly question: WorkerQuestion;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The worker checks its deadline between documents. One that misses it by this much is terminated. */
const graceMs = 1_000;
/** Longest start of a thread. It does not count towards the deadline of the query that waits for it. */
const startMs = 30_000;

/** The subset of a worker that is used here. */
export interface QueryWorker extends Pick<Worker, "postMessage" | "terminate" | "unref"> {
  on(event: "message", listener: (answer: WorkerAnswer) => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
}

export interface WorkerDependencies {
  readonly clock?: Pick<Clock, "elapsed" | "after">;
  readonly startWorker?: (settings: WorkerSettings) => QueryWorker;
}

/** Uses the built file even when this file runs from source, because source loaders do not work in threads. */
const workerFile = builtFile("bundle/stores/lineage-store/lmdb/lineage-worker.js");

const mostWaiting = 10_000;

interface Thread {
  ask(waiting: Waiting): void;
  readonly isBusy: () => boolean;
  readonly isStarted: () => boolean;
  end(): Promise<void>;
}

/** One thread. It starts with its first query, and again after a termination. `onIdle`: called when it can take another query. */
const createThread = (settings: WorkerSettings, { clock, startWorker }: Required<WorkerDependencies>, onIdle: () => void): Thread => {
  let worker: QueryWorker | undefined;
  let current: (Waiting & { cancel: () => void }) | undefined;

  const settle = (act: (one: Waiting) => void): void => {
    const one = current;
    if (!one) return;
    current = undefined;
    one.cancel();
    act(one);
    onIdle();
  };
  const start = (): QueryWorker => {
    const started = startWorker(settings);
    started.unref();
    started.on("message", ({ id, begun, value, error }: WorkerAnswer) => {
      if (worker !== started || current?.question.id !== id) return;
      if (begun) {
        current.cancel();
        current.cancel = startDeadline(settings.deadlineMs + graceMs, clock, tooSlow);
        return;
      }
      settle(({ resolve, reject }) =>
        error ? reject(new CarillonError(error.code, error.problem, { field: error.field, fix: error.fix })) : resolve(value),
      );
    });
    started.on("error", (error) => {
      if (worker !== started) return;
      worker = undefined;
      settle(({ reject }) => reject(unavailable("the thread that answers queries ended", error)));
    });
    return started;
  };
  const end = async (error: CarillonError): Promise<void> => {
    const ended = worker;
    worker = undefined;
    settle(({ reject }) => reject(error));
    await ended?.terminate();
  };
  const tooSlow = (): void => {
    void end(
      new CarillonError("FILTER_TOO_SLOW", `the query took longer than ${settings.deadlineMs} ms`, {
        fix: "narrow it by acceptedAt, to, template, reason or status, or query the rollups",
      }),
    );
  };
  return {
    isBusy: () => current !== undefined,
    isStarted: () => worker !== undefined,
    ask: (waiting) => {
      worker ??= start();
      current = { ...waiting, cancel: startDeadline(startMs, clock, tooSlow) };
      worker.postMessage(waiting.question);
    },
    end: () => end(new CarillonError("CLOSED", "the reader of reports was closed")),
  };
};

/**
 * Answers queries in separate threads, so that none delays delivery or another query. A query that exceeds its deadline is refused, and its
 * thread terminated if necessary.
 */
export const createWorkerReader = (
  settings: WorkerSettings,
  { clock = systemClock, startWorker = (workerData) => new Worker(workerFile, { workerData }) }: WorkerDependencies = {},
): LineageReader & { close(): Promise<void> } => {
  let nextId = 0;
  let closed = false;
  const waiting: Waiting[] = [];

  const pass = (): void => {
    for (;;) {
      const idle = threads.filter((thread) => !thread.isBusy());
      const thread = idle.find((one) => one.isStarted()) ?? idle[0];
      const next = thread && waiting.shift();
      if (!next) return;
      thread.ask(next);
    }
  };
  const threads = Array.from({ length: settings.threads }, () => createThread(settings, { clock, startWorker }, pass));

  const ask = (method: keyof LineageReader, args: readonly unknown[]): Promise<unknown> => {
    if (closed) return Promise.reject(new CarillonError("CLOSED", "the reader of reports was closed"));
    if (waiting.length >= mostWaiting) return Promise.reject(new CarillonError("BUSY", "too many queries are queued"));
    nextId += 1;
    const question: WorkerQuestion = { id: nextId, method, args };
    return new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      pass();
    });
  };
  return {
    query: (...args) => ask("query", args) as never,
    count: (...args) => ask("count", args) as Promise<number>,
    aggregate: (...args) => ask("aggregate", args) as Promise<Record<string, unknown>[]>,
    sum: (...args) => ask("sum", args) as Promise<RollupSum[]>,
    close: async () => {
      closed = true;
      for (const { reject } of waiting.splice(0)) reject(new CarillonError("CLOSED", "the reader of reports was closed"));
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
};
