/** A message's times, milliseconds since 1970 UTC. */
export interface Acceptance {
  readonly acceptedAt: number;
  readonly notBefore: number | null;
}

/** When a message was due: a message that had to wait is not late, or old, for having waited. Every age is counted from here. */
export const dueAtOf = ({ acceptedAt, notBefore }: Acceptance): number => Math.max(acceptedAt, notBefore ?? 0);
