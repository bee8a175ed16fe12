import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { CarillonError, type ErrorCode, messageOf, unavailable } from "../../../schemas/errors.js";
import type { LineageReader, RollupSum } from "../lineage-store.js";

export interface WorkerSettings {
  /** The embedded store's file. */
  readonly path: string;
  /** Longest question. */
  readonly deadlineMs: number;
}

export interface WorkerQuestion {
  readonly id: number;
  readonly method: keyof LineageReader;
  readonly args: readonly unknown[];
}

export interface WorkerAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly fix: string | undefined };
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly late: NodeJS.Timeout;
}

/** The worker looks at its deadline between documents; one that cannot even do that is ended after so much more. */
const graceMs = 1_000;

/** The built file also where this one runs from its source: no loader of sources reaches into threads. */
const folder = import.meta.url.endsWith(".ts") ? "../../../dist/stores/lineage-store/lmdb" : ".";
const workerFile = fileURLToPath(new URL(`${folder}/lineage-worker.js`, import.meta.url));

/**
 * Answers questions in a thread of their own, so that none holds up delivery. A question that does not end by its
 * deadline is refused, even if that takes the thread.
 */
export const createWorkerReader = (settings: WorkerSettings): LineageReader & { close(): Promise<void> } => {
  let worker: Worker | undefined;
  let nextId = 0;
  let closed = false;
  const waiting = new Map<number, Waiting>();

  const settle = (id: number, act: (one: Waiting) => void): void => {
    const one = waiting.get(id);
    if (!one) return;
    waiting.delete(id);
    clearTimeout(one.late);
    act(one);
  };
  const failAll = (error: CarillonError): void => {
    for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(error));
  };
  const drop = (dropped: Worker): void => {
    if (worker === dropped) worker = undefined;
  };
  const start = (): Worker => {
    const started = new Worker(workerFile, { workerData: settings });
    started.unref();
    started.on("message", ({ id, value, error }: WorkerAnswer) =>
      settle(id, ({ resolve, reject }) =>
        error ? reject(new CarillonError(error.code, error.message, error.fix === undefined ? {} : { fix: error.fix })) : resolve(value),
      ),
    );
    started.on("error", (error) => {
      drop(started);
      failAll(unavailable(`the reader of reports ended: ${messageOf(error)}`, error));
    });
    return started;
  };
  const tooSlow = (): void => {
    const stuck = worker;
    worker = undefined;
    void stuck?.terminate();
    failAll(
      new CarillonError("FILTER_TOO_SLOW", `the question took longer than ${settings.deadlineMs} ms`, {
        fix: "narrow it by acceptedAt, to, template, reason or status, or ask the rollups",
      }),
    );
  };
  const ask = (method: keyof LineageReader, args: readonly unknown[]): Promise<unknown> => {
    if (closed) return Promise.reject(new CarillonError("CLOSED", "the reader of reports was closed"));
    worker ??= start();
    nextId += 1;
    const id = nextId;
    const asked = worker;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject, late: setTimeout(tooSlow, settings.deadlineMs + graceMs) });
      asked.postMessage({ id, method, args } satisfies WorkerQuestion);
    });
  };
  return {
    query: (...args) => ask("query", args) as never,
    count: (...args) => ask("count", args) as Promise<number>,
    aggregate: (...args) => ask("aggregate", args) as Promise<Record<string, unknown>[]>,
    sum: (...args) => ask("sum", args) as Promise<RollupSum[]>,
    close: async () => {
      closed = true;
      failAll(new CarillonError("CLOSED", "the reader of reports was closed"));
      await worker?.terminate();
    },
  };
};
