import { Worker } from "node:worker_threads";
import type { Config } from "../../config/schema.js";
import { knownSecretsOf } from "../../config/secrets.js";
import { diagnostics, type Origin } from "../../engine/diagnostics.js";
import type { Queue } from "../../engine/queue.js";
import type { ConsumedQueue, RunningGraphs } from "../../engine/runtime/run-graphs.js";
import type { MetricsJson } from "../../operations/telemetry/merged-metrics.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import { endedWithin } from "../../stores/deadline.js";
import type { ThreadShare } from "../../topology/thread-assignment.js";
import { builtFile } from "../../wire/built-file.js";
import { errorFromPlain, type PlainError } from "./plain-error.js";
import { createThreadCalls, type ThreadCalls, type ThreadHandlers } from "./thread-calls.js";
import type { ThreadData, ThreadReport } from "./thread-data.js";

/** The bundle if this runs from it, else the build, even if this runs from source, because source loaders do not work in threads. */
const threadFile = builtFile(`${import.meta.url.includes("/dist/bundle/") ? "bundle/" : ""}service/threads/queue-thread.js`);

/** A thread that has not reported for longer is unresponsive. */
const silentMs = 10_000;
/** How long a thread may take to close its resources after its work has ended. */
const closeMs = 2_000;
/** A busy thread's counters are those of its last answer. */
const metricsMs = 1_000;

export interface ThreadsOptions {
  readonly config: Config;
  readonly shares: readonly ThreadShare[];
  readonly logLevel: string;
  readonly channel: string;
  readonly module: string | undefined;
  readonly origin: Origin;
  readonly clock: Pick<Clock, "now">;
}

export interface Threads {
  /**
   * Makes the threads run their queues. `queues`: of all graphs; `memory`: the process's provider state. Rejects as soon as one cannot
   * start.
   */
  start(queues: readonly Queue[], memory: SharedArrayBuffer | undefined, answers: ThreadHandlers): Promise<RunningGraphs>;
  /** The metrics of each thread. */
  metrics(): Promise<readonly MetricsJson[]>;
  /** Terminates them, whatever they are doing. */
  end(): Promise<void>;
}

const endedError = (name: string, why: string, cause?: unknown): CarillonError => {
  const error = new CarillonError("THREAD_ENDED", `the thread ${name} ended: ${why}`, { cause });
  // the error occurred in the other thread, so its stack is used
  if (cause instanceof Error && cause.stack !== undefined) error.stack = `${error.name}: ${error.message}\n${cause.stack}`;
  return error;
};

/** One thread of the process, from this thread's side. */
class QueueThread {
  report: ThreadReport = { consumed: [], handled: [] };
  reportedAtMs: number;
  private readonly worker: Worker;
  private readonly calls: ThreadCalls;
  private readonly exited: Promise<void>;
  private metricsBefore: MetricsJson = [];
  private stopping = false;
  private started = false;

  constructor(
    readonly share: ThreadShare,
    data: ThreadData,
    private readonly clock: Pick<Clock, "now">,
    private readonly observer: { reported(report: ThreadReport): void; trouble(where: string, error: Error): void },
    private readonly answers: () => ThreadHandlers,
  ) {
    this.reportedAtMs = clock.now();
    this.worker = new Worker(threadFile, { workerData: data, name: share.name });
    const answer =
      (name: string) =>
      (...args: never[]): unknown =>
        this.answers()[name]?.(...args);
    this.calls = createThreadCalls(this.worker, {
      report: (report: ThreadReport) => this.noteReport(report),
      trouble: (where: string, error: PlainError) => this.observer.trouble(where, errorFromPlain(error)),
      warning: (name: string, message: string) => process.emitWarning(message, name),
      take: answer("take"),
      pause: answer("pause"),
      deliver: answer("deliver"),
    });
    this.exited = new Promise((resolve) => {
      this.worker.once("exit", (code) => {
        resolve();
        this.died(endedError(share.name, `exit code ${code}`));
      });
    });
    this.worker.once("error", (error) => this.died(endedError(share.name, messageOf(error), error)));
  }

  async start(memory: SharedArrayBuffer | undefined): Promise<void> {
    await this.calls.ask("start", memory);
    this.started = true;
  }

  async metrics(): Promise<MetricsJson> {
    const asked = this.calls.ask("metrics").then((metrics) => {
      this.metricsBefore = metrics as MetricsJson;
    });
    asked.catch(() => undefined);
    await endedWithin(
      metricsMs,
      asked.catch(() => undefined),
    );
    return this.metricsBefore;
  }

  /** Drains the thread and waits until it has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    try {
      await this.calls.ask("stop");
    } finally {
      await this.end();
    }
  }

  async end(): Promise<void> {
    this.stopping = true;
    this.worker.unref();
    await this.worker.terminate();
    await endedWithin(closeMs, this.exited);
    this.calls.end();
  }

  private noteReport(report: ThreadReport): void {
    this.report = report;
    this.reportedAtMs = this.clock.now();
    this.observer.reported(report);
  }

  /** An unhandled error ends the process, whichever thread it occurred in. */
  private died(error: CarillonError): void {
    this.calls.end(error);
    if (this.stopping || !this.started) return;
    this.stopping = true;
    throw error;
  }
}

/** Starts the threads of a process. They load their code immediately, and open nothing until requested. */
export const createThreads = ({ config, shares, logLevel, channel, module, origin, clock }: ThreadsOptions): Threads => {
  const secrets = knownSecretsOf(config);
  let queuesByName: ReadonlyMap<string, Queue> = new Map();
  let answers: ThreadHandlers = {};
  const reported = ({ handled }: ThreadReport): void => {
    for (const { queue: name, records, inFlightMs } of handled) {
      const queue = queuesByName.get(name);
      if (queue) diagnostics.handled.publish(origin, { queue, records, inFlightMs });
    }
  };
  const trouble = (where: string, error: Error): void => diagnostics.trouble.publish(origin, { where, error });
  const threads = shares.map(
    (share, index) =>
      new QueueThread(
        share,
        { config, secrets, logLevel, share, number: index + 1, channel, module },
        clock,
        { reported, trouble },
        () => answers,
      ),
  );
  const consumedOf = ({ report, reportedAtMs, share }: QueueThread): readonly ConsumedQueue[] => {
    const silentForMs = clock.now() - reportedAtMs;
    const silence =
      silentForMs > silentMs
        ? new CarillonError("UNAVAILABLE", `the thread ${share.name} has not reported for ${Math.round(silentForMs / 1_000)} s`)
        : undefined;
    return report.consumed.flatMap(({ name, living, trouble: plain }) => {
      const queue = queuesByName.get(name);
      if (!queue) return [];
      const own = plain && errorFromPlain(plain);
      const known = own instanceof CarillonError ? own : undefined;
      return [{ queue, living: silence ? 0 : living, trouble: silence ?? known }];
    });
  };
  const stop = async (): Promise<void> => {
    const settled = await Promise.allSettled(threads.map((thread) => thread.stop()));
    const failed = settled.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  };
  return {
    start: async (queues, memory, handlers) => {
      queuesByName = new Map(queues.map((queue) => [queue.name, queue]));
      answers = handlers;
      await Promise.all(threads.map((thread) => thread.start(memory)));
      return { consumed: () => threads.flatMap(consumedOf), stop };
    },
    metrics: () => Promise.all(threads.map((thread) => thread.metrics())),
    end: async () => {
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
};
