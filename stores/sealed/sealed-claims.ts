import type { Claims } from "../claims/claims.js";
import type { KeyRing } from "./key-ring.js";

/** Claims whose outcomes are sealed: they hold what a provider said. */
export const sealedClaims = (claims: Claims, ring: KeyRing): Claims => ({
  ...claims,
  claim: async (...asked) => {
    const claim = await claims.claim(...asked);
    return claim.state === "done" ? { ...claim, outcome: ring.openText(claim.outcome) } : claim;
  },
  recorded: async (key) => {
    const outcome = await claims.recorded(key);
    return outcome === undefined ? undefined : ring.openText(outcome);
  },
  complete: async (key, outcome, ttlMs) => {
    const sealed = ring.sealText(outcome);
    const stands = await claims.complete(key, sealed, ttlMs);
    return stands === sealed ? outcome : ring.openText(stands);
  },
});
