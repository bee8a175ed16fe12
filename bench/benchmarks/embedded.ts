import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Child, startChild, startWorker } from "../harness/child.js";
import { postMessages } from "../harness/http-load.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant } from "../harness/result.js";

const fullCount = 50_000;
const deliveries = 20_000;
const batch = 100;
const perRequest = 100;
const [idleSeconds, settleMs] = [60, 5_000];
const [longestStartMs, mostIdlePercent] = [2_000, 1];
const wantedPerSecond = 4_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const inFolder = async <T>(use: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), "carillon-bench-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const queue = (context: BenchmarkContext, name: string, file: string, count: number): Promise<Contestant> =>
  inFolder(async (folder) => {
    context.progress(name);
    const child = startWorker(file, { folder, count, batch });
    try {
      return { name, measures: (await child.line()) as Record<string, number> };
    } finally {
      await child.stop();
    }
  });

const readyUrl = (child: Child): Promise<string> =>
  new Promise((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const url = /ready at (http:\S+)/.exec(output)?.[1];
      if (url) resolve(url);
    };
    child.process.stdout?.on("data", read);
    child.process.stderr?.on("data", read);
    child.process.once("exit", () => reject(new Error(`it ended:\n${output}`)));
  });

/** Resource use of an idle process that has settled after its start. */
const measureIdle = async (
  context: BenchmarkContext,
  child: Child,
): Promise<{ readonly idleMb: number; readonly idleCpuPercent: number }> => {
  const seconds = Math.max(10, atScale(idleSeconds, context.scale));
  context.progress(`Carillon, embedded: idle for ${seconds} s`);
  await sleep(settleMs);
  const [beginMs, usedMs] = [performance.now(), child.cpuMs()];
  await sleep(seconds * 1_000);
  return { idleMb: child.residentMb(), idleCpuPercent: ((child.cpuMs() - usedMs) / (performance.now() - beginMs)) * 100 };
};

/** Waits until so many messages since the start have their final status. */
const untilDelivered = async (context: BenchmarkContext, url: string, count: number): Promise<void> => {
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const delivered = Number(/carillon_stage_seconds_count\{stage="feedback"\} (\d+)/.exec(metrics)?.[1] ?? 0);
    context.progress(`Carillon, embedded: ${delivered} of ${count} delivered`);
    if (delivered >= count) return;
    await sleep(100);
  }
};

/** Posts messages, and waits until they are delivered. */
const deliver = async (context: BenchmarkContext, child: Child, url: string, count: number, before: number, inRequest: number) => {
  const [begin, usedMs] = [performance.now(), child.cpuMs()];
  const posted = await postMessages(url, count, inRequest);
  await untilDelivered(context, url, before + count);
  return {
    throughPerSecond: (count / (performance.now() - begin)) * 1_000,
    takenPerSecond: count / posted.seconds,
    cpuMicroseconds: ((child.cpuMs() - usedMs) / count) * 1_000,
    clientCpuMicroseconds: posted.cpuMicroseconds,
  };
};

/** The same posts to a process that only answers: what the clients and HTTP cost on this machine. */
const bareServer = async (context: BenchmarkContext, count: number): Promise<Contestant> => {
  context.progress("a bare server");
  const child = startWorker("workers/bare-server.ts", {});
  try {
    const { url } = await child.line();
    const usedMs = child.cpuMs();
    const posted = await postMessages(String(url), count);
    return {
      name: "a bare server that stores nothing",
      measures: {
        takenPerSecond: count / posted.seconds,
        cpuMicroseconds: ((child.cpuMs() - usedMs) / count) * 1_000,
        clientCpuMicroseconds: posted.cpuMicroseconds,
      },
    };
  } finally {
    await child.stop();
  }
};

/** The whole of Carillon as a user starts it: time to its first answer, idle use, and rate through its sandbox. */
const whole = (context: BenchmarkContext, count: number): Promise<readonly Contestant[]> =>
  inFolder(async (folder) => {
    context.progress("Carillon, embedded");
    const bin = fileURLToPath(new URL("../../bin/carillon.js", import.meta.url));
    const begin = performance.now();
    const environment = { CARILLON_DATA_DIR: folder, CARILLON_PORT: "0", NO_COLOR: "1" };
    const child = startChild(process.execPath, ["--max-semi-space-size=64", bin, "start"], environment);
    try {
      const url = await readyUrl(child);
      const startMs = performance.now() - begin;
      const idle = await measureIdle(context, child);
      const one = await deliver(context, child, url, count, 0, 1);
      const many = await deliver(context, child, url, count, count, perRequest);
      return [
        { name: "Carillon, accepted over HTTP to delivered with lineage", measures: { ...one, startMs, ...idle } },
        {
          name: `the same, ${perRequest} messages a request`,
          measures: { ...many, residentMb: child.residentMb() },
        },
      ];
    } finally {
      await child.stop();
    }
  });

export const embedded: Benchmark = {
  name: "embedded",
  work: "messages of 1 KB, stored durably in batches of 100, processed, and durably marked as done, on one machine without servers",
  servers: [],
  run: async (context) => {
    const count = atScale(fullCount, context.scale);
    const ours = await queue(context, "Carillon's embedded log", "workers/embedded-queue.ts", count);
    const theirs = await queue(context, "plainjob on SQLite", "peers/plainjob.ts", count);
    const [one, many] = await whole(context, atScale(deliveries, context.scale));
    if (!one || !many) throw new Error("the whole of Carillon was not measured");
    const bare = await bareServer(context, atScale(deliveries, context.scale));
    return {
      contestants: [ours, theirs, one, many, bare],
      ratios: [
        {
          name: "records through, Carillon's log / plainjob",
          value: (ours.measures.throughPerSecond ?? 0) / (theirs.measures.throughPerSecond ?? 1),
          aim: 1,
          atLeast: true,
        },
        {
          name: "messages delivered over HTTP / 4,000 per second",
          value: (one.measures.throughPerSecond ?? 0) / wantedPerSecond,
          aim: 1,
          atLeast: true,
          ofMachine: true,
        },
        {
          name: `messages delivered over HTTP / 4,000 per second, ${perRequest} a request`,
          value: (many.measures.throughPerSecond ?? 0) / wantedPerSecond,
          aim: 1,
          atLeast: true,
          ofMachine: true,
        },
        { name: "start to ready / 2 s", value: (one.measures.startMs ?? 0) / longestStartMs, aim: 1, atLeast: false, ofMachine: true },
        {
          name: "CPU while idle / 1 % of a core",
          value: (one.measures.idleCpuPercent ?? 0) / mostIdlePercent,
          aim: 1,
          atLeast: false,
          ofMachine: true,
        },
      ],
      notes: [
        `${count} records; both sync every commit (plainjob with synchronous = FULL). plainjob's worker processes one job after another.`,
        `The third and fourth lines are all of Carillon: ${atScale(deliveries, context.scale)} small messages over HTTP from 64 concurrent clients, delivered by the sandbox, with seven lineage steps each. The last line is a server of Node.js that only answers, posted to by the same clients. Clients and server share the machine; clientCpuMicroseconds is the clients' own time.`,
      ],
    };
  },
};
