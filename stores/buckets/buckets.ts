/** How fast a bucket fills, and how much it holds. */
export interface BucketShape {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Taken {
  /** How many tokens the caller has now, 0 to what it wanted. */
  readonly granted: number;
  /** How long until one more may be taken; 0 when all were granted. */
  readonly waitMs: number;
}

/**
 * Token buckets that all processes share.
 * Atomicity: each call is one step; no more is ever granted than the bucket held.
 * A bucket that was never named, or was forgotten, is full.
 */
export interface Buckets {
  /** Takes up to `want` tokens, and leaves `reserve` of them for others. */
  take(key: string, want: number, shape: BucketShape, reserve: number): Promise<Taken>;
  /** Grants nothing for this long, as a provider's Retry-After asks. A longer pause stands. */
  pause(key: string, ms: number): Promise<void>;
  close(): Promise<void>;
}
