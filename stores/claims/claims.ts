/** The answer to a claim. */
export type Claim =
  /** The caller now holds the claim. */
  | { readonly state: "won" }
  /**
   * `from` held the claim and recorded no outcome; its lease has ended, or `from` is the caller. The caller now holds the claim, and the
   * outcome of `from`'s work is unknown.
   */
  | { readonly state: "taken_over"; readonly from: string }
  /** Another owner holds the claim until its lease ends. */
  | { readonly state: "held"; readonly leaseEndsAtMs: number }
  /** The work is done, with this outcome. */
  | { readonly state: "done"; readonly outcome: string };

export interface ClaimRequest {
  readonly key: string;
  readonly owner: string;
  readonly leaseMs: number;
  /** How long the claim is kept. */
  readonly ttlMs: number;
  /** Identifies this request. A caller whose answer was lost repeats it with the same nonce. Default: the request is not repeated. */
  readonly nonce?: string | undefined;
}

export interface Completion {
  readonly key: string;
  readonly outcome: string;
  readonly ttlMs: number;
}

export interface Decision {
  readonly key: string;
  readonly value: string;
  readonly ttlMs: number;
}

/** Claims several keys in one round trip. Answers are in the order of the requests. Each key is a separate step. */
export interface ClaimsByMany {
  claimAll(requests: readonly ClaimRequest[]): Promise<readonly Claim[]>;
  completeAll(requests: readonly Completion[]): Promise<readonly string[]>;
  recordedAll(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  decideAll(requests: readonly Decision[]): Promise<readonly string[]>;
  decidedAll(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  close(): Promise<void>;
}

export interface ClaimsByOne {
  /**
   * Claims `key` for `owner` for `leaseMs`. Kept for `ttlMs`. If the same owner asks again, it takes the claim over. But if it also gives
   * the same `nonce` as before and still holds the claim, the request is a repetition: it gets the first answer, and the lease begins again.
   */
  claim(key: string, owner: string, leaseMs: number, ttlMs: number, nonce?: string): Promise<Claim>;
  /** Records the outcome unless one is recorded already. Resolves with the recorded outcome. Kept for `ttlMs`. */
  complete(key: string, outcome: string, ttlMs: number): Promise<string>;
  /** The recorded outcome, if any. Does not claim the key. */
  recorded(key: string): Promise<string | undefined>;
  /** Writes `value` unless a value exists. Resolves with the stored value. Kept for `ttlMs`. */
  decide(key: string, value: string, ttlMs: number): Promise<string>;
  /** The stored value, if any. */
  decided(key: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Grants the right to do something once.
 * Atomicity: each key is one step. Of any number of callers, one wins.
 * Durability: a won claim is durable before the call resolves.
 */
export interface Claims extends ClaimsByOne, ClaimsByMany {}

const first = <T>([answer]: readonly T[]): T => answer as T;

/** Adds the single-key methods to an implementation of the many-key methods. */
export const claimsByMany = (many: ClaimsByMany): Claims => ({
  ...many,
  claim: async (key, owner, leaseMs, ttlMs, nonce) => first(await many.claimAll([{ key, owner, leaseMs, ttlMs, nonce }])),
  complete: async (key, outcome, ttlMs) => first(await many.completeAll([{ key, outcome, ttlMs }])),
  recorded: async (key) => first(await many.recordedAll([key])),
  decide: async (key, value, ttlMs) => first(await many.decideAll([{ key, value, ttlMs }])),
  decided: async (key) => first(await many.decidedAll([key])),
});

/** Adds the many-key methods, with concurrent calls, to an implementation of the single-key methods. */
export const claimsByOne = (one: ClaimsByOne): Claims => ({
  ...one,
  claimAll: (requests) =>
    Promise.all(requests.map(({ key, owner, leaseMs, ttlMs, nonce }) => one.claim(key, owner, leaseMs, ttlMs, nonce))),
  completeAll: (requests) => Promise.all(requests.map(({ key, outcome, ttlMs }) => one.complete(key, outcome, ttlMs))),
  recordedAll: (keys) => Promise.all(keys.map((key) => one.recorded(key))),
  decideAll: (requests) => Promise.all(requests.map(({ key, value, ttlMs }) => one.decide(key, value, ttlMs))),
  decidedAll: (keys) => Promise.all(keys.map((key) => one.decided(key))),
});
