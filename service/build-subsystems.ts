import type { Topology } from "../engine/builder.js";
import { inSubsystem } from "./check-subsystems.js";
import type { Foundation, Subsystem, SubsystemParts } from "./subsystem.js";

export const graphsOf = (parts: readonly SubsystemParts[]): readonly Topology[] => parts.flatMap(({ graphs }) => graphs);

/** Builds subsystems in order. Each one receives the graphs of those before it. `ends` receives the function that stops it. */
export const buildSubsystems = async (
  subsystems: readonly Subsystem[],
  foundation: Foundation,
  ends: { push(end: SubsystemParts["stop"]): unknown },
): Promise<readonly SubsystemParts[]> => {
  const built: SubsystemParts[] = [];
  for (const subsystem of subsystems) {
    const parts = await inSubsystem(subsystem.name, () => subsystem.build(foundation, graphsOf(built)));
    ends.push(parts.stop);
    built.push(parts);
  }
  return built;
};
