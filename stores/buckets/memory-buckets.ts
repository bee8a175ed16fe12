import type { Clock } from "../clock.js";
import type { Buckets } from "./buckets.js";

interface Level {
  tokens: number;
  atMs: number;
  pausedUntilMs: number;
}

/** Token buckets of a single process, for the embedded profile. */
export const createMemoryBuckets = (clock: Clock): Buckets => {
  const levels = new Map<string, Level>();
  const levelOf = (key: string): Level => {
    const known = levels.get(key);
    if (known) return known;
    const level = { tokens: Number.POSITIVE_INFINITY, atMs: clock.now(), pausedUntilMs: 0 };
    levels.set(key, level);
    return level;
  };
  return {
    take: async (key, want, { perSecond, burst }, reserve) => {
      const nowMs = clock.now();
      const level = levelOf(key);
      level.tokens = Math.min(burst, level.tokens + (Math.max(nowMs - level.atMs, 0) / 1_000) * perSecond);
      level.atMs = nowMs;
      if (level.pausedUntilMs > nowMs) return { granted: 0, left: 0, waitMs: level.pausedUntilMs - nowMs };
      const granted = Math.max(0, Math.min(want, Math.floor(level.tokens - reserve + 1e-9)));
      level.tokens -= granted;
      const missing = 1 + reserve - level.tokens;
      const left = Math.floor(level.tokens + 1e-9);
      return { granted, left, waitMs: granted === want ? 0 : Math.max(1, Math.ceil((missing / perSecond) * 1_000)) };
    },
    pause: async (key, ms) => {
      const level = levelOf(key);
      level.pausedUntilMs = Math.max(level.pausedUntilMs, clock.now() + ms);
    },
    close: async () => undefined,
  };
};
