import { type Claims, claimsByOne } from "../../stores/claims/claims.js";
import type { SimProcess } from "./process.js";
import type { World } from "./world.js";

/** What goes beside a claim, such as keeping the message, may fail a moment before the claim is answered. */
const sameStepMs = 50;

/** Watches claims from the server's side: who held one when it was taken over. */
export class ClaimWatch {
  private readonly holders = new Map<string, { readonly process: SimProcess; readonly atMs: number }>();
  private readonly takeOvers = new Map<string, number>();

  constructor(
    private readonly world: World,
    /** Whether an attempt that may have been made is made again. */
    private readonly resends: boolean,
    private readonly violated: (invariant: string, detail: string) => void,
  ) {}

  takeOversOf(key: string): number {
    return this.takeOvers.get(key) ?? 0;
  }

  watch(claims: Claims, process: SimProcess): Claims {
    return claimsByOne({
      ...claims,
      claim: async (key, owner, leaseMs, ttlMs) => {
        const answer = await claims.claim(key, owner, leaseMs, ttlMs);
        if (answer.state === "taken_over") {
          const holder = this.holders.get(key);
          this.takeOvers.set(key, this.takeOversOf(key) + 1);
          // one that asks again for its own has not been told of it, or failed before it used it
          if (
            holder &&
            holder.process !== process &&
            !holder.process.ended &&
            !holder.process.paused &&
            holder.process.disturbedAtMs < holder.atMs - sameStepMs
          )
            this.violated("claims hold", `${key} was taken from ${holder.process.name}, which nothing had kept from using it`);
        }
        // where what may have been sent is held, nobody sends after a take-over: the claim is left to its lease, and may be taken again
        if (answer.state === "won" || (answer.state === "taken_over" && this.resends))
          this.holders.set(key, { process, atMs: this.world.now() });
        else if (answer.state === "taken_over") this.holders.delete(key);
        return answer;
      },
    });
  }
}
