import type { Provider } from "../../processors/provider.js";
import type { Clock } from "../../stores/clock.js";
import type { TenantProvider } from "../../stores/tenants/tenants.js";
import type { RoutedProvider } from "../routing/routed-provider.js";

export interface MadeLine {
  readonly provider: Provider;
  readonly routed: RoutedProvider;
}

/** An open provider of a tenant. */
export interface OpenLine extends MadeLine {
  stored: TenantProvider;
  uses: number;
  usedAtMs: number;
  /** Whether it closes after its last use. */
  retired: boolean;
}

/** A use of a provider, which stays open until it is let go of. */
export interface OwnUse {
  readonly routed: RoutedProvider;
  letGo(): void;
}

/** The open providers of tenants, by key. Unused ones are closed after a while, or for others. */
export interface OpenLines {
  get(key: string): OpenLine | undefined;
  /** Adds a provider. The former one of this key closes after its last use. */
  put(key: string, made: MadeLine, stored: TenantProvider): OpenLine;
  begin(key: string, line: OpenLine): OwnUse;
  /** Whether there is room for one more next to `pending` others, after the one that was unused for the longest time has closed. */
  makeRoom(pending: number): boolean;
  /** Closes all. Call after the last use. */
  close(): Promise<void>;
}

/** An unused provider closes after this. */
const idleMs = 600_000;
const sweepMs = 60_000;

/** `most`: most providers that are open at once. */
export const createOpenLines = (most: number, clock: Pick<Clock, "now" | "after">, onTrouble: (error: unknown) => void): OpenLines => {
  /** In the order of their last use. */
  const lines = new Map<string, OpenLine>();
  const closing = new Set<Promise<void>>();
  let cancelSweep: (() => void) | undefined;

  const end = (line: OpenLine): void => {
    const closed = line.provider
      .close()
      .catch(onTrouble)
      .finally(() => closing.delete(closed));
    closing.add(closed);
  };
  const retire = (key: string, line: OpenLine): void => {
    lines.delete(key);
    line.retired = true;
    if (line.uses === 0) end(line);
  };
  const sweep = (): void => {
    for (const [key, line] of lines) if (line.uses === 0 && clock.now() - line.usedAtMs >= idleMs) retire(key, line);
    cancelSweep = lines.size > 0 ? clock.after(sweepMs, sweep) : undefined;
  };
  return {
    get: (key) => lines.get(key),
    put: (key, made, stored) => {
      const former = lines.get(key);
      if (former) retire(key, former);
      const line: OpenLine = { ...made, stored, uses: 0, usedAtMs: clock.now(), retired: false };
      lines.set(key, line);
      cancelSweep ??= clock.after(sweepMs, sweep);
      return line;
    },
    begin: (key, line) => {
      line.uses += 1;
      line.usedAtMs = clock.now();
      lines.delete(key);
      lines.set(key, line);
      let isOver = false;
      return {
        routed: line.routed,
        letGo: () => {
          if (isOver) return;
          isOver = true;
          line.uses -= 1;
          if (line.retired && line.uses === 0) end(line);
        },
      };
    },
    makeRoom: (pending) => {
      if (lines.size + pending < most) return true;
      const unused = [...lines].find(([, { uses }]) => uses === 0);
      if (unused) retire(...unused);
      return unused !== undefined;
    },
    close: async () => {
      cancelSweep?.();
      for (const [key, line] of lines) retire(key, line);
      await Promise.all(closing);
    },
  };
};
