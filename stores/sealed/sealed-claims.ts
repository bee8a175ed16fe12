import { type Claims, claimsByMany } from "../claims/claims.js";
import type { KeyRing } from "./key-ring.js";

/** Claims with sealed outcomes, because outcomes contain provider responses. */
export const sealedClaims = (claims: Claims, ring: KeyRing): Claims =>
  claimsByMany({
    decideAll: claims.decideAll,
    decidedAll: claims.decidedAll,
    claimAll: async (requests) =>
      (await claims.claimAll(requests)).map((claim) =>
        claim.state === "done" ? { ...claim, outcome: ring.openText(claim.outcome) } : claim,
      ),
    recordedAll: async (keys) =>
      (await claims.recordedAll(keys)).map((outcome) => (outcome === undefined ? undefined : ring.openText(outcome))),
    completeAll: async (requests) => {
      const sealed = requests.map((request) => ({ ...request, outcome: ring.sealText(request.outcome) }));
      const stand = await claims.completeAll(sealed);
      return requests.map(({ outcome }, index) => {
        const stands = stand[index] ?? "";
        return stands === sealed[index]?.outcome ? outcome : ring.openText(stands);
      });
    },
    close: claims.close,
  });
