import type { TestProject } from "vitest/node";
import { provision } from "./provision.js";

declare module "vitest" {
  export interface ProvidedContext {
    readonly servers: Readonly<Record<string, string>>;
  }
}

/** Starts the real servers once for the whole run and hands their addresses to the tests. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const { addresses, stop } = await provision();
  project.provide("servers", addresses);
  return stop;
};
