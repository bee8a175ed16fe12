import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../stores/clock.js";
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
  readonly waitedMs: number;
  readonly lateMs: number;
}

const postOne = ({ url, headers, status }: Schedule, body: string, agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body);
    const call = request(url, { method: "POST", agent, headers: { ...headers, "content-length": length } }, (response) => {
      response.resume();
      if (response.statusCode !== status) return reject(new Error(`a post was answered with ${response.statusCode}`));
      response.on("end", resolve);
    });
    call.on("error", reject);
    call.end(body);
  });

/** Posts each body at its scheduled time, whether or not earlier posts have been answered. */
export const postOnSchedule = async (schedule: Schedule): Promise<readonly Posted[]> => {
  const { count, perSecond, bodyOf } = schedule;
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  const begin = performance.now();
  const post = async (index: number): Promise<Posted> => {
    const dueMs = (index / perSecond) * 1_000;
    await systemClock.sleep(Math.max(0, dueMs - (performance.now() - begin)));
    const lateMs = Math.max(0, performance.now() - begin - dueMs);
    await postOne(schedule, bodyOf(index), agent);
    // from the scheduled time, so that a queue in front of the server counts, too
    return { waitedMs: Math.max(0, performance.now() - begin - dueMs), lateMs };
  };
  const posted = await Promise.all(Array.from({ length: count }, (_, index) => post(index)));
  agent.destroy();
  return posted;
};

/** `warmUp`: the first posts, which are not counted. */
export const postedMeasures = (all: readonly Posted[], warmUp: number): Contestant["measures"] => {
  const counted = all.slice(Math.min(warmUp, all.length / 2));
  const waits = counted.map(({ waitedMs }) => waitedMs);
  const lates = counted.map(({ lateMs }) => lateMs);
  return { p99Ms: quantile(waits, 0.99), p50Ms: quantile(waits, 0.5), mostMs: Math.max(...waits), lateP99Ms: quantile(lates, 0.99) };
};

/** Runs work against a server that answers each request without storing anything. */
export const withBareServer = async <T>(status: number, work: (url: string) => Promise<T>): Promise<T> => {
  const server = createServer((incoming, response) => {
    incoming.resume();
    incoming.on("end", () => response.writeHead(status).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
};
