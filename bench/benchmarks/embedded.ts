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
      const message = (index: number) => ({ channel: "push", to: `device-${index}-success`, content: { text: "Hello" } });
      const sent = performance.now();
      let next = 0;
      const client = async (): Promise<void> => {
        while (next < count) {
          const body = JSON.stringify(message(next++));
          const response = await fetch(`${url}/v1/messages`, { method: "POST", headers: { "content-type": "application/json" }, body });
          const text = await response.text();
          if (response.status !== 202) throw new Error(`it answered ${response.status}: ${text}`);
        }
      };
      await Promise.all(Array.from({ length: clients }, client));
      const takenMs = performance.now() - sent;
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
          takenPerSecond: (count / takenMs) * 1_000,
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
    return {
      contestants: [ours, theirs, all],
      ratios: [
        {
          name: "records through, Carillon's log / plainjob",
          value: (ours.measures.throughPerSecond ?? 0) / (theirs.measures.throughPerSecond ?? 1),
          aim: 1,
          atLeast: true,
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
        `The last line is all of Carillon: ${atScale(deliveries, context.scale)} small messages over HTTP from ${clients} concurrent clients, delivered by the sandbox, with seven lineage steps each.`,
      ],
    };
  },
};
