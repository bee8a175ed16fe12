import { type Dispatcher, Pool } from "undici";
import { systemClock } from "../../stores/clock.js";
import { startWorker } from "./child.js";
import { type Contestant, quantile } from "./result.js";

export interface Schedule {
  readonly url: string;
  readonly perSecond: number;
  readonly count: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyOf: (index: number) => string;
  /** The status of each answer. */
  readonly status: number;
}

/** In milliseconds: the time from a post's schedule to its answer, and the delay from its schedule to the post. */
export interface Posted {
  readonly waitedMs: Float64Array;
  readonly lateMs: Float64Array;
}

const connections = 200;

/** Sends one post and ignores the body of its answer. The load shares the machine with what it measures, so it creates few objects. */
const postOne = (pool: Pool, options: Dispatcher.DispatchOptions, status: number, done: (error?: Error) => void): void => {
  let answered = 0;
  pool.dispatch(options, {
    onConnect: () => undefined,
    onHeaders: (statusCode) => {
      answered = statusCode;
      return true;
    },
    onData: () => true,
    onComplete: () => done(answered === status ? undefined : new Error(`a post was answered with ${answered}`)),
    onError: done,
  });
};

/** Posts each body at its scheduled time, whether or not earlier posts have been answered. */
export const postOnSchedule = async ({ url, perSecond, count, headers, bodyOf, status }: Schedule): Promise<Posted> => {
  const { origin, pathname, search } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const posted = { waitedMs: new Float64Array(count), lateMs: new Float64Array(count) };
  const dueMs = (index: number): number => (index / perSecond) * 1_000;
  try {
    const begin = performance.now();
    await new Promise<void>((resolve, reject) => {
      let [next, open] = [0, count];
      const post = (index: number): void => {
        posted.lateMs[index] = performance.now() - begin - dueMs(index);
        const options = { method: "POST", path: pathname + search, headers, body: bodyOf(index) } as const;
        postOne(pool, options, status, (error) => {
          if (error) return reject(error);
          // from the scheduled time, so that a queue in front of the server counts, too
          posted.waitedMs[index] = performance.now() - begin - dueMs(index);
          open -= 1;
          if (open === 0) resolve();
        });
      };
      const postDue = async (): Promise<void> => {
        while (next < count) {
          while (next < count && dueMs(next) <= performance.now() - begin) post(next++);
          await systemClock.sleep(1);
        }
      };
      postDue().catch(reject);
    });
  } finally {
    await pool.destroy();
  }
  return posted;
};

/** `warmUp`: the first posts, which are not counted. */
export const postedMeasures = ({ waitedMs, lateMs }: Posted, warmUp: number): Contestant["measures"] => {
  const begin = Math.min(warmUp, waitedMs.length / 2);
  const [waits, lates] = [[...waitedMs.subarray(begin)], [...lateMs.subarray(begin)]];
  return { p99Ms: quantile(waits, 0.99), p50Ms: quantile(waits, 0.5), mostMs: Math.max(...waits), lateP99Ms: quantile(lates, 0.99) };
};

/** Runs work against a server, in a process of its own, that answers each request without storing anything. */
export const withBareServer = async <T>(status: number, work: (url: string) => Promise<T>): Promise<T> => {
  const server = startWorker("workers/bare-server.ts", { status });
  try {
    return await work(String((await server.line()).url));
  } finally {
    await server.stop();
  }
};
