import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cleanEnvironment } from "./clean-environment.js";
import { eventually } from "./eventually.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "bin/carillon.js");

const environmentOf = (folder: string, more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...cleanEnvironment(),
  NO_COLOR: "1",
  CARILLON_DATA_DIR: folder,
  CARILLON_PORT: "0",
  ...more,
});

/** Uses a shell, because only a shell sets another umask: Carillon's files must be private to its account anyway. */
const shellArgs = (args: readonly string[]): string[] => ["-c", 'umask 022; exec "$@"', "sh", process.execPath, program, ...args];

/** Runs a command line of Carillon on a data folder to its end. */
export const carillonOn = (folder: string, args: readonly string[], more: NodeJS.ProcessEnv = {}, timeoutMs = 60_000) =>
  spawnSync("sh", shellArgs(args), { env: environmentOf(folder, more), encoding: "utf8", timeout: timeoutMs });

export interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  output(): string;
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Posts an SMS. Resolves with the status and, if any, the id. */
  send(number: number): Promise<{ readonly status: number; readonly id?: string; readonly detail?: string }>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a Carillon in a separate process on a data folder. Resolves once it is ready. */
export const startOn = async (folder: string, more: NodeJS.ProcessEnv = {}): Promise<Running> => {
  const child = spawn("sh", shellArgs(["start"]), { env: environmentOf(folder, more), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const url = await eventually(
    () => {
      if (child.exitCode !== null) throw new Error(`Carillon ended with ${child.exitCode}:\n${output}`);
      return /ready at (http:\S+)/.exec(output)?.[1] ?? "";
    },
    (found) => found !== "",
    60_000,
  );
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(10_000) });
  return {
    child,
    url,
    output: () => output,
    ask,
    send: async (number) => {
      const body = JSON.stringify({ channel: "sms", to: "+14155550100", content: { text: `Hi ${number}` } });
      const response = await ask("/v1/messages", { method: "POST", headers: { "content-type": "application/json" }, body });
      return { ...((await response.json()) as { id?: string; detail?: string }), status: response.status };
    },
    stop: async (signal = "SIGTERM") => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, "exit");
    },
  };
};
