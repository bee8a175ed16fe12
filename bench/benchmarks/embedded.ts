import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Child, startChild, startWorker } from "../harness/child.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant } from "../harness/result.js";

const fullCount = 50_000;
const deliveries = 20_000;
const batch = 100;
const clients = 64;
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

/** Posts messages from concurrent clients. Resolves with the seconds that it took. */
const postAll = async (url: string, count: number): Promise<number> => {
  const begin = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < count) {
      const body = JSON.stringify({ channel: "push", to: `device-${next++}-success`, content: { text: "Hello" } });
      const response = await fetch(`${url}/v1/messages`, { method: "POST", headers: { "content-type": "application/json" }, body });
      const text = await response.text();
      if (response.status !== 202) throw new Error(`it answered ${response.status}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return (performance.now() - begin) / 1_000;
};

/** The same posts to a process that only answers: what the clients and HTTP cost on this machine. */
const bareServer = async (context: BenchmarkContext, count: number): Promise<Contestant> => {
  context.progress("a bare server");
  const child = startWorker("workers/bare-server.ts", {});
  try {
    const { url } = await child.line();
    const usedMs = child.cpuMs();
    const seconds = await postAll(String(url), count);
    return {
      name: "a bare server that stores nothing",
      measures: { takenPerSecond: count / seconds, cpuMicroseconds: ((child.cpuMs() - usedMs) / count) * 1_000 },
    };
  } finally {
    await child.stop();
  }
};

/** The whole of Carillon as a user starts it: time to its first answer, idle use, and rate through its sandbox. */
const whole = (context: BenchmarkContext, count: number): Promise<Contestant> =>
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
      const usedMs = child.cpuMs();
      const sent = performance.now();
      const takenSeconds = await postAll(url, count);
      for (;;) {
        const metrics = await (await fetch(`${url}/metrics`)).text();
        const delivered = Number(/carillon_stage_seconds_count\{stage="feedback"\} (\d+)/.exec(metrics)?.[1] ?? 0);
        context.progress(`Carillon, embedded: ${delivered} of ${count} delivered`);
        if (delivered >= count) break;
        await sleep(200);
      }
      const totalMs = performance.now() - sent;
      return {
        name: "Carillon, accepted over HTTP to delivered with lineage",
        measures: {
          throughPerSecond: (count / totalMs) * 1_000,
          takenPerSecond: count / takenSeconds,
          cpuMicroseconds: ((child.cpuMs() - usedMs) / count) * 1_000,
          residentMb: child.residentMb(),
          startMs,
          ...idle,
        },
      };
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
    const all = await whole(context, atScale(deliveries, context.scale));
    const bare = await bareServer(context, atScale(deliveries, context.scale));
    return {
      contestants: [ours, theirs, all, bare],
      ratios: [
        {
          name: "records through, Carillon's log / plainjob",
          value: (ours.measures.throughPerSecond ?? 0) / (theirs.measures.throughPerSecond ?? 1),
          aim: 1,
          atLeast: true,
        },
        {
          name: "messages delivered over HTTP / 4,000 per second",
          value: (all.measures.throughPerSecond ?? 0) / wantedPerSecond,
          aim: 1,
          atLeast: true,
          ofMachine: true,
        },
        { name: "start to ready / 2 s", value: (all.measures.startMs ?? 0) / longestStartMs, aim: 1, atLeast: false, ofMachine: true },
        {
          name: "CPU while idle / 1 % of a core",
          value: (all.measures.idleCpuPercent ?? 0) / mostIdlePercent,
          aim: 1,
          atLeast: false,
          ofMachine: true,
        },
      ],
      notes: [
        `${count} records; both sync every commit (plainjob with synchronous = FULL). plainjob's worker processes one job after another.`,
        `The third line is all of Carillon: ${atScale(deliveries, context.scale)} small messages over HTTP from ${clients} concurrent clients, delivered by the sandbox, with seven lineage steps each. The last line is a server of Node.js that only answers, posted to by the same clients: client and server share the machine.`,
      ],
    };
  },
};
