import { type Claims, claimsByOne } from "../../stores/claims/claims.js";
import type { SimProcess } from "./process.js";
import type { World } from "./world.js";

/** Another part of the same step, such as caching the message, may fail a moment before the claim is answered. */
const sameStepMs = 50;

/** A request of a process that has ended may arrive late, after a new process of its name has claimed. No process uses the answer. */
const isUseless = (claiming: SimProcess, holding: SimProcess | undefined): boolean =>
  claiming.ended && holding !== claiming && holding?.name === claiming.name;

/** Watches claims from the server's side: the holder of a claim when it was taken over. */
export class ClaimWatch {
  private readonly holders = new Map<string, { readonly process: SimProcess; readonly atMs: number }>();
  private readonly takeOvers = new Map<string, number>();

  constructor(
    private readonly world: World,
    /** Whether an attempt with an unknown outcome is repeated. */
    private readonly resends: boolean,
    private readonly violated: (invariant: string, detail: string) => void,
  ) {}

  takeOversOf(key: string): number {
    return this.takeOvers.get(key) ?? 0;
  }

  watch(claims: Claims, process: SimProcess): Claims {
    return claimsByOne({
      ...claims,
      claim: async (key, owner, leaseMs, ttlMs, nonce) => {
        const answer = await claims.claim(key, owner, leaseMs, ttlMs, nonce);
        if (answer.state === "taken_over") {
          const holder = this.holders.get(key);
          if (isUseless(process, holder?.process)) return answer;
          this.takeOvers.set(key, this.takeOversOf(key) + 1);
          // a process that claims its own key again did not get the answer, or failed before using it
          if (
            holder &&
            holder.process !== process &&
            !holder.process.ended &&
            !holder.process.paused &&
            holder.process.disturbedAtMs < holder.atMs - sameStepMs
          )
            this.violated("claims hold", `${key} was taken from ${holder.process.name}, which nothing had kept from using it`);
        }
        // if ambiguous attempts are held, nothing is sent after a takeover: the claim is left to its lease and may be taken again
        if (answer.state === "won" || (answer.state === "taken_over" && this.resends))
          this.holders.set(key, { process, atMs: this.world.now() });
        else if (answer.state === "taken_over") this.holders.delete(key);
        return answer;
      },
    });
  }
}
