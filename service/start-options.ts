import type { Config } from "../config/schema.js";
import type { Logger } from "../operations/telemetry/logger.js";
import type { Clock } from "../stores/clock.js";
import type { AssembleOptions } from "./assemble.js";
import type { Subsystem } from "./subsystem.js";
import type { Adapters } from "./with-adapters.js";

export interface StartOptions extends AssembleOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Subsystems that run alongside delivery. The configuration must have been loaded with the same list. */
  readonly subsystems?: readonly Subsystem[];
  /**
   * Replaces adapters of the profile in this process. The command line keeps working on those of the profile. A process with `stores` has one
   * thread.
   */
  readonly stores?: Adapters;
  /**
   * URL of a `ThreadModule`. Its `threadOptions` creates these graphs, providers, poster and subsystems again for each thread of
   * `runtime.threads`. Without it, a process with any of them has one thread.
   */
  readonly threadModule?: string;
}
