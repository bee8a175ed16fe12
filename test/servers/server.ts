import type { Daemon } from "./shell.js";

/** A server for the tests: installed once into a cached folder, started for each run. */
export interface ServerKind {
  readonly name: string;
  /** The variable with which a developer names a running server. */
  readonly variable: string;
  install(folder: string): Promise<void>;
  /** Starts it with its data under `dataFolder`, listening only on `host`. Resolves with its address once it answers. */
  start(folder: string, dataFolder: string, host?: string): Promise<RunningServer>;
}

export interface RunningServer {
  readonly address: string;
  /** Sends a signal to all its processes. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** Restarts it after a kill, at the same address, with its persisted data. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

export const loopback = "127.0.0.1";

/** A server with one process. `launch` resolves once it answers. */
export const runServer = async (address: string, launch: () => Promise<Daemon>): Promise<RunningServer> => {
  let daemon = await launch();
  return {
    address,
    signal: async (name) => daemon.signal(name),
    revive: async () => {
      daemon = await launch();
    },
    stop: () => daemon.stop(),
  };
};
