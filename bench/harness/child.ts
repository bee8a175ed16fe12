import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { endingOptions, endWithParent } from "../../test/support/end-with-parent.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Child {
  readonly process: ChildProcess;
  /** The next line that the child prints, parsed. Rejects if it ends before. */
  line(): Promise<Record<string, unknown>>;
  /** Resident memory now, in MB. */
  residentMb(): number;
  /** Its own part of that, without the pages of mapped files. */
  ownMb(): number;
  /** CPU time used by all its threads, in milliseconds, with a resolution of 10 ms. */
  cpuMs(): number;
  /** Stops the child and waits until it has ended. */
  stop(): Promise<void>;
}

const stopDeadlineMs = 30_000;

/** Linux counts in hundredths of a second (USER_HZ). Source: proc_pid_stat(5), fields 14 and 15. */
const msPerTick = 10;

const cpuMsOf = (pid: number | undefined): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // the preceding name may contain spaces
  const [, , , , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(")") + 1).split(" ");
  return (Number(user) + Number(system)) * msPerTick;
};

/** Starts a program that prints each result as a line of JSON. */
export const startChild = (command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Child => {
  const env = { ...process.env, ...environment, NODE_OPTIONS: endingOptions(environment.NODE_OPTIONS) };
  const child = endWithParent(spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] }));
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4_000);
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<Record<string, unknown>> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ${args.join(" ")} ended:\n${errors}`);
      if (String(value).startsWith("{")) return JSON.parse(String(value)) as Record<string, unknown>;
    }
  };
  const memoryMb = (field: string): number => {
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1_024;
  };
  return {
    process: child,
    line,
    residentMb: () => memoryMb("VmRSS"),
    cpuMs: () => cpuMsOf(child.pid),
    ownMb: () => memoryMb("RssAnon"),
    stop: async () => {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), stopDeadlineMs);
      await ended;
      clearTimeout(late);
    },
  };
};

/** Runs a TypeScript file of this folder in a separate process. */
export const startWorker = (file: string, options: unknown, nodeArgs: readonly string[] = []): Child =>
  startChild(process.execPath, [
    ...nodeArgs,
    "--import",
    "tsx",
    fileURLToPath(new URL(`../${file}`, import.meta.url)),
    JSON.stringify(options),
  ]);
