import type { StageContext } from "../engine/stage.js";
import type { DispatchCommand } from "../schemas/generated.js";
import type { ClaimDependencies } from "./attempt-claim.js";
import type { DispatchPorts } from "./dispatch-ports.js";
import type { Routing } from "./routing.js";

/** Work that continues detached from the record that started it. */
export interface DetachedWork {
  /** The result of `work`, or undefined if it takes longer than `ms`. Rejects if the work does. */
  within<T>(work: Promise<T>, ms: number): Promise<T | undefined>;
  /** Returns the command to its topic at that time, or at once if the time has passed. Resolves when durable. */
  returnToTopic(command: DispatchCommand, dueAtMs: number): Promise<void>;
  /** Makes the process wait for this work before it ends. */
  keep(work: Promise<unknown>): void;
}

export interface DispatchDependencies extends ClaimDependencies {
  readonly routing: Routing;
  readonly detachedWork: DetachedWork;
  /** Differs for each run of a process, so that its claims differ from those of a previous run with its name. */
  readonly run: string;
}

export type DispatchContext = StageContext<DispatchPorts>;
