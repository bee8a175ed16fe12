import type { Config } from "../config/schema.js";
import type { Logger } from "../operations/telemetry/logger.js";
import type { Clock } from "../stores/clock.js";
import type { AssembleOptions } from "./assemble.js";
import type { Subsystem } from "./subsystem.js";

export interface StartOptions extends AssembleOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** What runs alongside delivery. The configuration was loaded with the same list. */
  readonly subsystems?: readonly Subsystem[];
  /**
   * URL of a module that exports `threadOptions` (service/threads/load-thread-module.ts), which makes these graphs, providers, poster and
   * subsystems again for each thread of `runtime.threads`. Without it a process that is given any of them has one thread.
   */
  readonly threadModule?: string;
}
