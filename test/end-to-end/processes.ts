import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cleanEnvironment } from "../support/clean-environment.js";
import { endingOptions, endWithParent } from "../support/end-with-parent.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<number | null>;
  /** Why the process failed: its last output. Undefined while it runs, and after a signal or a clean end. */
  failure(): string | undefined;
}

const mostOutput = 4_000_000;

const launch = async (configFile: string, onOutput: (text: string) => void): Promise<Running> => {
  const child = endWithParent(
    spawn(process.execPath, [join(root, "bin/carillon.js"), "--config", configFile, "start"], {
      env: { ...cleanEnvironment(), NO_COLOR: "1", NODE_OPTIONS: endingOptions() },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      onOutput(chunk.toString());
      output = (output + chunk.toString()).slice(-8_000);
      const found = /ready at (http:\S+)/.exec(output)?.[1];
      if (found) resolve(found);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    void ended.then((code) => reject(new Error(`Carillon ended with ${code}:\n${output}`)));
    setTimeout(() => reject(new Error(`Carillon was not ready in time:\n${output}`)), 60_000).unref();
  });
  const failure = (): string | undefined => (child.exitCode ? `Carillon ended with ${child.exitCode}:\n${output}` : undefined);
  return { child, url, ended, failure };
};

/** The processes of one Carillon. */
export interface Processes {
  /** Their addresses. Throws with the last output of a process that failed. */
  urls(): readonly string[];
  /** The address of one process after another. */
  nextUrl(): string;
  /** The end of their output. */
  output(): string;
  /** Starts an additional process. */
  launch(): Promise<void>;
  /** Starts all processes. Those before are forgotten. */
  launchAll(): Promise<void>;
  kill(signal: NodeJS.Signals, index: number): Promise<void>;
  /** Ends all with SIGTERM. Resolves with their exit codes. */
  end(): Promise<readonly (number | null)[]>;
  /** Ends all, makes a change, and starts all again. */
  relaunchAfter(change: () => void): Promise<void>;
}

/** `count` processes with one config file. None is started yet. */
export const createProcesses = (configFile: string, count: number): Processes => {
  let running: readonly Running[] = [];
  let printed = "";
  let turn = 0;
  const launchOne = (): Promise<Running> =>
    launch(configFile, (text) => {
      printed = (printed + text).slice(-mostOutput);
    });
  const launchAll = async (): Promise<void> => {
    running = await Promise.all(Array.from({ length: count }, launchOne));
  };
  const urls = (): readonly string[] =>
    running.map(({ url, failure }) => {
      const failed = failure();
      if (failed !== undefined) throw new Error(failed);
      return url;
    });
  const end = async (): Promise<(number | null)[]> => {
    for (const { child } of running) child.kill("SIGTERM");
    return Promise.all(running.map(({ ended }) => ended));
  };
  return {
    urls,
    nextUrl: () => {
      const index = turn;
      turn += 1;
      return urls()[index % running.length] ?? "";
    },
    output: () => printed,
    launch: async () => {
      const added = await launchOne();
      running = [...running, added];
    },
    launchAll,
    kill: async (signal, index) => {
      const one = running[index];
      one?.child.kill(signal);
      if (signal === "SIGKILL" || signal === "SIGTERM") await one?.ended;
    },
    end,
    relaunchAfter: async (change) => {
      await end();
      change();
      running = [];
      await launchAll();
    },
  };
};
