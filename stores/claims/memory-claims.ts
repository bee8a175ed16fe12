import type { Clock } from "../clock.js";
import { type ClaimState, completedClaim, nextClaim } from "./claim-state.js";
import { type Claims, claimsByOne } from "./claims.js";

/** Claims in memory, for tests and the test driver. */
export const createMemoryClaims = (clock: Clock): Claims => {
  const claims = new Map<string, ClaimState>();
  const decisions = new Map<string, { readonly value: string; readonly forgetAtMs: number }>();
  const standing = (key: string): string | undefined => {
    const found = decisions.get(key);
    return found && found.forgetAtMs > clock.now() ? found.value : undefined;
  };
  return claimsByOne({
    claim: async (key, owner, leaseMs, ttlMs, nonce) => {
      const { answer, keep } = nextClaim(claims.get(key), { owner, leaseMs, ttlMs, nonce }, clock.now());
      if (keep) claims.set(key, keep);
      return answer;
    },
    complete: async (key, outcome, ttlMs) => {
      const completed = completedClaim(claims.get(key), outcome, clock.now() + ttlMs);
      claims.set(key, completed);
      return completed.outcome;
    },
    recorded: async (key) => {
      const state = claims.get(key);
      return state && state.forgetAtMs > clock.now() ? state.outcome : undefined;
    },
    decide: async (key, value, ttlMs) => {
      const stands = standing(key) ?? value;
      if (stands === value) decisions.set(key, { value, forgetAtMs: clock.now() + ttlMs });
      return stands;
    },
    decided: async (key) => standing(key),
    close: async () => undefined,
  });
};
