/** Refill rate and capacity of a bucket. */
export interface BucketShape {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Taken {
  /** Tokens granted, from 0 to the number requested. */
  readonly granted: number;
  /** Whole tokens that the bucket holds afterwards, reserve included; 0 during a pause. */
  readonly left: number;
  /** Milliseconds until the next token; 0 when all were granted. */
  readonly waitMs: number;
}

/**
 * Token buckets that all processes share.
 * Atomicity: each call is one step and never grants more tokens than the bucket held.
 * A bucket that is new or has expired is full.
 */
export interface Buckets {
  /** Takes up to `want` tokens and leaves `reserve` of them for other callers. */
  take(key: string, want: number, shape: BucketShape, reserve: number): Promise<Taken>;
  /** Grants no tokens for `ms`, as a provider's Retry-After demands. Never shortens a longer pause. */
  pause(key: string, ms: number): Promise<void>;
  close(): Promise<void>;
}
