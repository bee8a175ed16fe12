/** A message's times, milliseconds since 1970 UTC. */
export interface Acceptance {
  readonly acceptedAt: number;
  readonly notBefore: number | null;
}

/** When a message was due. A scheduled message is not late or old because of its schedule, so every age is measured from here. */
export const dueAtOf = ({ acceptedAt, notBefore }: Acceptance): number => Math.max(acceptedAt, notBefore ?? 0);
