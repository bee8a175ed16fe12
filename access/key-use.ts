import type { Cells } from "../stores/cells/cells.js";
import type { Clock } from "../stores/clock.js";
import { keys } from "../stores/keys.js";

export interface KeyUse {
  /** Notes that a key was used. Writes at most once a minute for each key and process, and never rejects. */
  used(tenant: string, keyId: string): void;
  /** When each key of a tenant was last used, to the minute. */
  lastUsed(tenant: string): Promise<ReadonlyMap<string, Date>>;
}

const everyMs = 60_000;
/** Longer than any key should be unused. */
const keepMs = 400 * 24 * 3_600_000;
const mostRemembered = 10_000;

export const createKeyUse = (
  cells: Pick<Cells, "set" | "all">,
  clock: Pick<Clock, "now" | "elapsed">,
  onTrouble: (error: unknown) => void,
): KeyUse => {
  const written = new Map<string, number>();
  return {
    used: (tenant, keyId) => {
      const name = JSON.stringify([tenant, keyId]);
      const elapsedMs = clock.elapsed();
      if (elapsedMs - (written.get(name) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
      if (written.size >= mostRemembered) written.clear();
      written.set(name, elapsedMs);
      cells.set(keys.cells.keyUse(tenant), keyId, new Date(clock.now()).toISOString(), keepMs).catch(onTrouble);
    },
    lastUsed: async (tenant) => {
      const found = await cells.all(keys.cells.keyUse(tenant));
      return new Map([...found].map(([keyId, at]) => [keyId, new Date(at)]));
    },
  };
};
