import type { Clock } from "../clock.js";
import { createExpiringTable } from "../expiring-table.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import { type ClaimState, completedClaim, nextClaim } from "./claim-state.js";
import { type Claims, claimsByMany } from "./claims.js";

/** Claims in the embedded store. Each call resolves once the claim is durable. */
export const createLmdbClaims = (environment: LmdbEnvironment, clock: Clock): Claims => {
  const claims = createExpiringTable<ClaimState>(environment, "claims", clock);
  const decisions = createExpiringTable<string>(environment, "decisions", clock);
  return claimsByMany({
    claimAll: (requests) =>
      claims.updateAll(requests, (request, state) => ({ ...nextClaim(state, request, clock.now()), ttlMs: request.ttlMs })),
    completeAll: (requests) =>
      claims.updateAll(requests, ({ outcome, ttlMs }, state) => {
        const keep = completedClaim(state, outcome, clock.now() + ttlMs);
        return { answer: keep.outcome, keep, ttlMs };
      }),
    recordedAll: async (keys) => keys.map((key) => claims.get(key)?.outcome),
    decideAll: (requests) =>
      decisions.updateAll(requests, ({ value, ttlMs }, stands) =>
        stands === undefined ? { answer: value, keep: value, ttlMs } : { answer: stands },
      ),
    decidedAll: async (keys) => keys.map((key) => decisions.get(key)),
    close: async () => {
      claims.close();
      decisions.close();
    },
  });
};
