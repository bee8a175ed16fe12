import type { Daemon } from "./shell.js";

/** A server that tests run against: installed once into a cached folder, started anew for each run. */
export interface ServerKind {
  readonly name: string;
  /** The variable by which a developer names a server that already runs. */
  readonly variable: string;
  install(folder: string): Promise<void>;
  /** Starts it with its data under `dataFolder`, listening on `host` alone; resolves with its address once it answers. */
  start(folder: string, dataFolder: string, host?: string): Promise<RunningServer>;
}

export interface RunningServer {
  readonly address: string;
  /** Sends a signal to all its processes. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** Starts it again after it was killed: at the same address, with what it had kept. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

export const loopback = "127.0.0.1";

/** A server of one process. `launch` resolves once it answers. */
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
