import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Folder for installations between runs. */
export const cacheFolder = (): string =>
  process.env.CARILLON_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "carillon-test-servers");

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly input?: string;
  /** Number of characters kept from the end of its output. */
  readonly keep?: number;
}

/** Runs a command to its end. Rejects with the end of its output if it fails or exceeds `timeoutMs`. */
export const runCommand = (command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env } });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-(options.keep ?? 64_000));
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.stdin.on("error", () => undefined); // a command may end without reading its input
    child.stdin.end(options.input ?? "");
    const deadline = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 600_000);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(deadline);
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output.slice(-2_000)}`));
    });
  });

export interface Daemon {
  readonly pid: number;
  /** Sends a signal to it and to all processes that it has started. */
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Starts a daemon in a separate process group, with its output in `logFile`. */
export const startDaemon = (command: string, args: readonly string[], logFile: string, options: CommandOptions = {}): Daemon => {
  const log = openSync(logFile, "a");
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} did not start`);
  let exited = false;
  child.once("exit", () => {
    exited = true;
  });
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-pid, name);
    } catch {
      // it has ended
    }
  };
  return {
    pid,
    signal,
    stop: async () => {
      for (const name of ["SIGTERM", "SIGKILL"] as const) {
        if (exited) return;
        signal(name);
        for (let waited = 0; waited < 5_000 && !exited; waited += 50) await sleep(50);
      }
    },
  };
};

/** Whether a process listens there. */
export const accepts = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (value: boolean) => () => {
      socket.destroy();
      resolve(value);
    };
    socket.once("connect", end(true));
    socket.once("error", end(false));
    socket.setTimeout(1_000, end(false));
  });

/** Waits until `probe` is true. Rejects with `what` and the end of the log past `timeoutMs`. */
export const waitUntil = async (what: string, probe: () => Promise<boolean>, timeoutMs: number, logFile?: string): Promise<void> => {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    if (await probe().catch(() => false)) return;
    await sleep(200);
  }
  const log = logFile ? await readFile(logFile, "utf8").catch(() => "") : "";
  throw new Error(`${what} was not ready within ${timeoutMs / 1000} s\n${log.slice(-2_000)}`);
};

export const waitForPort = (what: string, port: number, timeoutMs: number, logFile?: string, host = "127.0.0.1"): Promise<void> =>
  waitUntil(what, () => accepts(port, host), timeoutMs, logFile);

export const answersHttp = async (url: string): Promise<boolean> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  return response.ok;
};

const givenOut = new Set<number>();

/** A free port, on loopback by default, that this process has not received before: the system may offer a closed one again. */
export const freePort = async (host = "127.0.0.1"): Promise<number> => {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once("error", reject);
      server.listen(0, host, () => {
        const address = server.address();
        server.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
      });
    });
    if (givenOut.has(port)) continue;
    givenOut.add(port);
    return port;
  }
};

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Runs `task` while holding a lock folder, so that two test runs never install into the same place. */
export const withLock = async <T>(folder: string, task: () => Promise<T>): Promise<T> => {
  const lock = join(folder, ".lock");
  await mkdir(folder, { recursive: true });
  const end = Date.now() + 900_000;
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch {
      const owner = Number(await readFile(join(lock, "pid"), "utf8").catch(() => "0"));
      const age =
        Date.now() -
        (await stat(lock).then(
          (s) => s.mtimeMs,
          () => Date.now(),
        ));
      if ((owner > 0 && !isAlive(owner)) || (owner === 0 && age > 10_000)) await rm(lock, { recursive: true, force: true });
      else if (Date.now() > end) throw new Error(`another run holds ${lock}`);
      else await sleep(500);
    }
  }
  try {
    await writeFile(join(lock, "pid"), String(process.pid));
    return await task();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
};

let aptQueue: Promise<unknown> = Promise.resolve();
let aptUpdated = false;

const aptEnvironment = { DEBIAN_FRONTEND: "noninteractive" };

/** Runs one apt call at a time, because dpkg has one lock. */
const inAptQueue = (task: () => Promise<unknown>): Promise<void> => {
  const next = aptQueue.then(async () => {
    if (!aptUpdated) await runCommand("apt-get", ["update", "-qq"], { env: aptEnvironment });
    aptUpdated = true;
    await task();
  });
  aptQueue = next.catch(() => undefined);
  return next;
};

/** Updates Debian's package lists, once per run. */
export const aptUpdate = (): Promise<void> => inAptQueue(() => Promise.resolve());

/** Installs Debian packages. */
export const aptInstall = (...packages: readonly string[]): Promise<void> =>
  inAptQueue(() => runCommand("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env: aptEnvironment }));

export const hasCommand = (command: string): Promise<boolean> =>
  runCommand("sh", ["-c", `command -v ${command}`]).then(
    () => true,
    () => false,
  );
