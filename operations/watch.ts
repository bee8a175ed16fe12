/** How a caller follows work that takes long, and gives it up. */
export interface Watch {
  /** Reports how far the work is. */
  progress(done: number, all?: number): void;
  /** Aborts once the caller has left or the process stops. Work that cannot stop half-way ignores it. */
  readonly signal: AbortSignal;
}
