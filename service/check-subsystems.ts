import { CarillonError, messageOf } from "../schemas/errors.js";
import type { ConfigPart, Subsystem, SubsystemParts } from "./subsystem.js";

const twice = (names: readonly string[]): readonly string[] => [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];

const refuse = (problems: readonly string[]): void => {
  if (problems.length === 0) return;
  throw new CarillonError("TOPOLOGY_INVALID", `the subsystems cannot run in one process:\n  ${problems.join("\n  ")}`, {
    fix: "give each subsystem its own name, keys and jobs",
  });
};

/** Throws TOPOLOGY_INVALID for a name that two subsystems share. */
export const checkSubsystems = (subsystems: readonly Pick<Subsystem, "name">[]): void =>
  refuse(twice(["delivery", ...subsystems.map(({ name }) => name)]).map((name) => `two subsystems have the name ${name}`));

/** Throws TOPOLOGY_INVALID for a configuration key that two subsystems share. */
export const checkConfigParts = (parts: readonly Pick<ConfigPart, "configKeys">[]): void =>
  refuse(
    twice(parts.flatMap(({ configKeys }) => Object.keys(configKeys))).map((key) => `two subsystems have the configuration key ${key}`),
  );

/** Throws TOPOLOGY_INVALID for a job that two subsystems share, because the cluster identifies jobs by name. */
export const checkJobs = (parts: readonly Pick<SubsystemParts, "jobs">[]): void =>
  refuse(twice(parts.flatMap(({ jobs }) => jobs.map(({ name }) => name))).map((name) => `two subsystems have the job ${name}`));

/** Resolves with the result of `work`. Rejects TOPOLOGY_INVALID, naming the subsystem, for any error other than a CarillonError. */
export const inSubsystem = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CarillonError) throw error;
    throw new CarillonError("TOPOLOGY_INVALID", `the subsystem ${name} cannot be built: ${messageOf(error)}`, {
      cause: error,
      fix: "give its metrics and routes unique names, or fix the subsystem",
    });
  }
};
