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

export interface ClaimRequest {
  readonly key: string;
  readonly owner: string;
  readonly leaseMs: number;
  /** How long it is kept. */
  readonly ttlMs: number;
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

/** Claims of several keys in one round trip; answers in the order of the requests. Each key is a step of its own. */
export interface ClaimsByMany {
  claimAll(requests: readonly ClaimRequest[]): Promise<readonly Claim[]>;
  completeAll(requests: readonly Completion[]): Promise<readonly string[]>;
  recordedAll(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  decideAll(requests: readonly Decision[]): Promise<readonly string[]>;
  decidedAll(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  close(): Promise<void>;
}

export interface ClaimsByOne {
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

/**
 * Who may do a thing once.
 * Atomicity: each key is one step; of any number of callers one wins.
 * Durability: a won claim is durable before it is told.
 */
export interface Claims extends ClaimsByOne, ClaimsByMany {}

const first = <T>([answer]: readonly T[]): T => answer as T;

/** Adds what asks for one key to what asks for many. */
export const claimsByMany = (many: ClaimsByMany): Claims => ({
  ...many,
  claim: async (key, owner, leaseMs, ttlMs) => first(await many.claimAll([{ key, owner, leaseMs, ttlMs }])),
  complete: async (key, outcome, ttlMs) => first(await many.completeAll([{ key, outcome, ttlMs }])),
  recorded: async (key) => first(await many.recordedAll([key])),
  decide: async (key, value, ttlMs) => first(await many.decideAll([{ key, value, ttlMs }])),
  decided: async (key) => first(await many.decidedAll([key])),
});

/** Adds what asks for many keys, side by side, to what asks for one. */
export const claimsByOne = (one: ClaimsByOne): Claims => ({
  ...one,
  claimAll: (requests) => Promise.all(requests.map(({ key, owner, leaseMs, ttlMs }) => one.claim(key, owner, leaseMs, ttlMs))),
  completeAll: (requests) => Promise.all(requests.map(({ key, outcome, ttlMs }) => one.complete(key, outcome, ttlMs))),
  recordedAll: (keys) => Promise.all(keys.map((key) => one.recorded(key))),
  decideAll: (requests) => Promise.all(requests.map(({ key, value, ttlMs }) => one.decide(key, value, ttlMs))),
  decidedAll: (keys) => Promise.all(keys.map((key) => one.decided(key))),
});
