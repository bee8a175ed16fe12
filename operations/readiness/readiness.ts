/** One reason why a process may not be ready. */
export interface ReadinessCheck {
  readonly name: string;
  /** Rejects with the reason. */
  check(): Promise<void>;
}

const deadlineMs = 5_000;

const within = async (work: Promise<void>): Promise<void> => {
  let expiry: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    expiry = setTimeout(() => reject(new Error(`no response within ${deadlineMs / 1_000} s`)), deadlineMs);
  });
  try {
    await Promise.race([work, silence]);
  } finally {
    clearTimeout(expiry);
  }
};

/** A failed check, and its error. */
export interface UnreadyReason {
  readonly name: string;
  readonly error: unknown;
}

/** All reasons why this process is not ready, each with the name of its check. */
export const unreadyReasons = async (checks: readonly ReadinessCheck[]): Promise<readonly UnreadyReason[]> => {
  const reasons = await Promise.all(
    checks.map(async ({ name, check }) => {
      try {
        await within(check());
        return [];
      } catch (error) {
        return [{ name, error }];
      }
    }),
  );
  return reasons.flat();
};
