import type { Claim, ClaimRequest } from "./claims.js";

/** A claim as stored by the embedded stores. */
export interface ClaimState {
  readonly owner: string;
  readonly leaseEndsAtMs: number;
  readonly outcome: string | undefined;
  readonly forgetAtMs: number;
  /** The nonce of the request that holds it, and the owner that this request took it from. */
  readonly nonce?: string;
  readonly from?: string;
}

/** The answer to a claim, and the state to store if it changed. */
export const nextClaim = (
  state: ClaimState | undefined,
  { owner, leaseMs, ttlMs, nonce }: Omit<ClaimRequest, "key">,
  nowMs: number,
): { readonly answer: Claim; readonly keep?: ClaimState } => {
  const held = { owner, leaseEndsAtMs: nowMs + leaseMs, outcome: undefined, forgetAtMs: nowMs + ttlMs };
  const taken: ClaimState = nonce === undefined ? held : { ...held, nonce };
  if (!state || state.forgetAtMs <= nowMs) return { answer: { state: "won" }, keep: taken };
  if (state.outcome !== undefined) return { answer: { state: "done", outcome: state.outcome } };
  if (state.owner !== owner && state.leaseEndsAtMs > nowMs) return { answer: { state: "held", leaseEndsAtMs: state.leaseEndsAtMs } };
  const isRepeated = state.owner === owner && nonce !== undefined && state.nonce === nonce;
  const from = isRepeated ? state.from : state.owner;
  return from === undefined
    ? { answer: { state: "won" }, keep: taken }
    : { answer: { state: "taken_over", from }, keep: { ...taken, from } };
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
