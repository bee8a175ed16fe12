import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cleanEnvironment } from "../support/clean-environment.js";
import { endingOptions, endWithParent } from "../support/end-with-parent.js";
import type { Link } from "./network.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const startAgainAfterMs = 1_000;
const readyWithinMs = 90_000;
const stopWithinMs = 40_000;
const readyAt = /(?<!was )ready at (http:\S+)/;

/** A worker under an orchestrator: it is restarted when it ends. */
export interface Worker {
  readonly link: Link;
  signal(name: NodeJS.Signals): void;
  /** Resolves once it reports that it is ready. */
  ready(): Promise<void>;
  /** Number of restarts. */
  restarts(): number;
  /** Default signal: SIGTERM. Resolves with the exit code, or null when it had to be killed. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** The end of its output. */
  tail(): string;
  /** Its HTTP address; empty while it is not ready. */
  url(): string;
}

/** `onFall`: called with its last output when it ends by itself. `home`: folder of the build to run. */
export const startWorker = (link: Link, configFile: string, onFall: (lastWords: string) => void, home = root): Worker => {
  let child: ChildProcess;
  let output = "";
  let url = "";
  let stopping = false;
  let restarts = 0;
  const launch = (): void => {
    const [command = "", ...args] = [...link.exec, process.execPath, join(home, "bin/carillon.js"), "--config", configFile, "start"];
    url = "";
    child = endWithParent(
      spawn(command, args, {
        cwd: home,
        env: {
          ...cleanEnvironment(),
          NO_COLOR: "1",
          AWS_ACCESS_KEY_ID: "key",
          AWS_SECRET_ACCESS_KEY: "secret",
          NODE_OPTIONS: endingOptions(),
        },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-16_000);
      if (url === "") url = readyAt.exec(output)?.[1] ?? "";
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => {
      url = "";
      if (stopping) return;
      if (code !== null) onFall(output.slice(-3_000));
      output = output.replaceAll("ready at http", "was ready at http");
      restarts += 1;
      setTimeout(() => {
        if (!stopping) launch();
      }, startAgainAfterMs);
    });
  };
  launch();
  return {
    link,
    signal: (name) => void child.kill(name),
    ready: async () => {
      const end = Date.now() + readyWithinMs;
      while (url === "") {
        if (Date.now() > end) throw new Error(`a worker was not ready in time:\n${output}`);
        await sleep(50);
      }
    },
    restarts: () => restarts,
    stop: async (signal = "SIGTERM") => {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, "exit") as Promise<[number | null]>;
      const late = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
      child.kill(signal);
      const [code] = await ended;
      clearTimeout(late);
      return code;
    },
    tail: () => output.slice(-2_000),
    url: () => url,
  };
};
