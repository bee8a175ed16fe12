import type { Config } from "../../config/schema.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import type { AssembleOptions } from "../assemble.js";
import type { Subsystem } from "../subsystem.js";

/** The options of `startCarillon` that cannot be sent to a thread: each thread creates its own. */
export interface ThreadOptions extends Pick<AssembleOptions, "graphs" | "providers" | "poster"> {
  readonly subsystems?: readonly Subsystem[];
}

/** The exports of a thread module. */
export interface ThreadModule {
  /** Creates the options that the main thread was given. */
  threadOptions(config: Config): ThreadOptions | Promise<ThreadOptions>;
}

const isThreadModule = (loaded: unknown): loaded is ThreadModule =>
  typeof loaded === "object" && loaded !== null && "threadOptions" in loaded && typeof loaded.threadOptions === "function";

/** A thread's options, from its module. Rejects TOPOLOGY_INVALID. */
export const loadThreadOptions = async (url: string | undefined, config: Config): Promise<ThreadOptions> => {
  if (url === undefined) return {};
  try {
    const loaded: unknown = await import(url);
    if (isThreadModule(loaded)) return await loaded.threadOptions(config);
  } catch (error) {
    throw new CarillonError("TOPOLOGY_INVALID", `the thread module ${url} cannot be loaded: ${messageOf(error)}`, { cause: error });
  }
  throw new CarillonError("TOPOLOGY_INVALID", `the thread module ${url} exports no function threadOptions`);
};
