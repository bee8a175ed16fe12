/** How a claim stands after one was asked for. */
export type Claim =
  /** The caller holds it now. */
  | { readonly state: "won" }
  /** `from` held it without telling an outcome, and its lease has ended or it is the caller: the caller holds it now, what happened is unknown. */
  | { readonly state: "taken_over"; readonly from: string }
  /** Somebody else holds it until then. */
  | { readonly state: "held"; readonly leaseEndsAtMs: number }
  /** It was done; this came of it. */
  | { readonly state: "done"; readonly outcome: string };

/**
 * Who may do a thing once.
 * Atomicity: each call is one step; of any number of callers one wins.
 * Durability: a won claim is durable before it is told.
 */
export interface Claims {
  /** Claims `key` for `owner` for `leaseMs`. The same owner asking again takes over. Kept for `ttlMs`. */
  claim(key: string, owner: string, leaseMs: number, ttlMs: number): Promise<Claim>;
  /** Records what came of it, unless that was recorded, and resolves with the record that stands. Kept for `ttlMs`. */
  complete(key: string, outcome: string, ttlMs: number): Promise<string>;
  /** What was recorded for a claim, if anything. Takes no claim. */
  recorded(key: string): Promise<string | undefined>;
  /** Writes `value` unless there is one, and resolves with the one that stands. Kept for `ttlMs`. */
  decide(key: string, value: string, ttlMs: number): Promise<string>;
  /** What was decided, if anything. */
  decided(key: string): Promise<string | undefined>;
  close(): Promise<void>;
}
