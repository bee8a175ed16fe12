import type { Clock } from "../clock.js";
import { createExpiringTable } from "../expiring-table.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import { type ClaimState, completedClaim, nextClaim } from "./claim-state.js";
import type { Claims } from "./claims.js";

/** Claims in the embedded store: durable before they are told. */
export const createLmdbClaims = (environment: LmdbEnvironment, clock: Clock): Claims => {
  const claims = createExpiringTable<ClaimState>(environment, "claims", clock);
  const decisions = createExpiringTable<string>(environment, "decisions", clock);
  return {
    claim: (key, owner, leaseMs, ttlMs) =>
      claims.update(key, (state) => ({ ...nextClaim(state, owner, clock.now(), leaseMs, ttlMs), ttlMs })),
    complete: (key, outcome, ttlMs) =>
      claims.update(key, (state) => {
        const keep = completedClaim(state, outcome, clock.now() + ttlMs);
        return { answer: keep.outcome, keep, ttlMs };
      }),
    recorded: async (key) => claims.get(key)?.outcome,
    decide: (key, value, ttlMs) =>
      decisions.update(key, (stands) => (stands === undefined ? { answer: value, keep: value, ttlMs } : { answer: stands })),
    decided: async (key) => decisions.get(key),
    close: async () => {
      claims.close();
      decisions.close();
    },
  };
};
