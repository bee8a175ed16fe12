import type { TestProject } from "vitest/node";
import { type Provisioned, provision } from "./provision.js";

declare module "vitest" {
  export interface ProvidedContext {
    readonly servers: Readonly<Record<string, string>>;
  }
}

/** Each project loads this file separately, so the run's servers are stored globally. */
const run = globalThis as { carillonServers?: Promise<Provisioned> };

/** Starts the real servers once for the whole run and passes their addresses to the tests. */
export const setup = async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  const isFirst = run.carillonServers === undefined;
  run.carillonServers ??= provision();
  const { addresses, stop } = await run.carillonServers;
  project.provide("servers", addresses);
  return isFirst ? stop : undefined;
};
