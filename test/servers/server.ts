/** A server that tests run against: installed once into a cached folder, started anew for each run. */
export interface ServerKind {
  readonly name: string;
  /** The variable by which a developer names a server that already runs. */
  readonly variable: string;
  install(folder: string): Promise<void>;
  /** Starts it with its data under `dataFolder`; resolves with its address once it answers. */
  start(folder: string, dataFolder: string): Promise<RunningServer>;
}

export interface RunningServer {
  readonly address: string;
  stop(): Promise<void>;
}
