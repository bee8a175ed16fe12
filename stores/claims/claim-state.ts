import type { Claim } from "./claims.js";

/** A claim as stored by the embedded stores. */
export interface ClaimState {
  readonly owner: string;
  readonly leaseEndsAtMs: number;
  readonly outcome: string | undefined;
  readonly forgetAtMs: number;
}

/** The answer to `owner`'s claim, and the state to store if it changed. */
export const nextClaim = (
  state: ClaimState | undefined,
  owner: string,
  nowMs: number,
  leaseMs: number,
  ttlMs: number,
): { readonly answer: Claim; readonly keep?: ClaimState } => {
  const taken: ClaimState = { owner, leaseEndsAtMs: nowMs + leaseMs, outcome: undefined, forgetAtMs: nowMs + ttlMs };
  if (!state || state.forgetAtMs <= nowMs) return { answer: { state: "won" }, keep: taken };
  if (state.outcome !== undefined) return { answer: { state: "done", outcome: state.outcome } };
  if (state.owner === owner || state.leaseEndsAtMs <= nowMs) return { answer: { state: "taken_over", from: state.owner }, keep: taken };
  return { answer: { state: "held", leaseEndsAtMs: state.leaseEndsAtMs } };
};

/** The claim with its outcome recorded. The first outcome is final. */
export const completedClaim = (
  state: ClaimState | undefined,
  outcome: string,
  forgetAtMs: number,
): ClaimState & { readonly outcome: string } => ({
  owner: state?.owner ?? "",
  leaseEndsAtMs: state?.leaseEndsAtMs ?? 0,
  outcome: state?.outcome ?? outcome,
  forgetAtMs,
});
