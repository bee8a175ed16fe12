import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import { CarillonError } from "../schemas/errors.js";
import type { Clock } from "../stores/clock.js";

export interface KeySetDependencies {
  /** Reads JSON from an address of a tenant. */
  readonly read: (url: string, signal: AbortSignal) => Promise<unknown>;
  readonly clock: Pick<Clock, "elapsed">;
}

/** Most key sets that a process keeps. The one that was used longest ago leaves. */
const mostSets = 1_000;
const times = {
  /** A set is read again after this time. */
  keepMs: 600_000,
  /** A key that is not in the set leads to another read no sooner than this after the last one. */
  cooldownMs: 30_000,
  timeoutMs: 3_000,
  /** After a failed read, the set is not read for this time. */
  restMs: 5_000,
} as const;

const away = (cause?: unknown): CarillonError =>
  new CarillonError("UNAVAILABLE", "the key set of a token cannot be read", {
    ...(cause === undefined ? {} : { cause }),
    publicWords: "the key set of the token cannot be read at the moment",
  });

/** Keys of tokens from the URLs of tenants, kept for ten minutes. Rejects UNAVAILABLE if a set cannot be read. */
export const createKeySets = ({ read, clock }: KeySetDependencies): ((url: string) => JWTVerifyGetKey) => {
  const known = new Map<string, JWTVerifyGetKey>();
  const setOf = (url: string): JWTVerifyGetKey => {
    let failedMs = Number.NEGATIVE_INFINITY;
    return createRemoteJWKSet(new URL(url), {
      ...{ cacheMaxAge: times.keepMs, cooldownDuration: times.cooldownMs, timeoutDuration: times.timeoutMs },
      [customFetch]: async (_url: string, { signal }: { readonly signal: AbortSignal }) => {
        if (clock.elapsed() - failedMs < times.restMs) throw away();
        try {
          return Response.json(await read(url, signal));
        } catch (error) {
          failedMs = clock.elapsed();
          throw away(error);
        }
      },
    });
  };
  return (url) => {
    const found = known.get(url) ?? setOf(url);
    known.delete(url);
    known.set(url, found);
    for (const oldest of known.keys()) {
      if (known.size <= mostSets) break;
      known.delete(oldest);
    }
    return found;
  };
};
