import type { Cells } from "../../stores/cells/cells.js";
import { keys } from "../../stores/keys.js";
import type { CallCounts } from "./call-window.js";
import type { HealthSnapshot } from "./provider-health.js";
import { createLocalMemory, type ProviderMemory } from "./provider-memory.js";

/** Provider health by name, as published by one process. */
export type HealthSnapshots = Readonly<Record<string, HealthSnapshot>>;

const group = keys.cells.health;
const everyMs = 2_000;
const keepMs = 60_000;

export interface HealthExchange {
  /** Publishes and reads health if it is time. Returns immediately. */
  tick(): void;
}

/** The health that each process has published, by instance. */
export const readHealth = async (cells: Pick<Cells, "all">): Promise<ReadonlyMap<string, HealthSnapshots>> =>
  new Map([...(await cells.all(group))].map(([instance, text]) => [instance, JSON.parse(text) as HealthSnapshots]));

/** Processes share provider health, so that a process with few calls benefits from the observations of the others. */
export const createHealthExchange = (
  cells: Cells,
  instance: string,
  now: () => number,
  own: () => HealthSnapshots,
  learn: (provider: string, others: CallCounts) => void,
  /** Shared by all threads of the process: one thread publishes and reads for all. */
  memory: Pick<ProviderMemory, "hold" | "common"> = createLocalMemory(0),
): HealthExchange => {
  const { common } = memory;
  memory.hold(() => {
    common[0] ||= now();
  });
  const isDue = (): boolean =>
    memory.hold(() => {
      const nowMs = now();
      if (nowMs - (common[0] ?? 0) < everyMs) return false;
      common[0] = nowMs;
      return true;
    });
  const exchange = async (): Promise<void> => {
    const reports = own();
    await cells.set(group, instance, JSON.stringify(reports), keepMs);
    const others = [...(await readHealth(cells))].filter(([other]) => other !== instance);
    for (const provider of Object.keys(reports)) {
      const seen = others.flatMap(([, reports]) => reports[provider] ?? []);
      learn(provider, {
        calls: seen.reduce((sum, { calls }) => sum + calls, 0),
        failures: seen.reduce((sum, { failures }) => sum + failures, 0),
      });
    }
  };
  return {
    tick: () => {
      if (!isDue()) return;
      exchange().catch(() => undefined); // optional: nothing depends on it
    },
  };
};
