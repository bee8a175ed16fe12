/** Instead of a pattern: a process that consumes nothing, for example one that only serves HTTP. */
export const noQueue = "none";

/** Whether one of the patterns (`*` matches anything) matches the queue's name. Without patterns every queue matches. */
export const matchesQueue = (patterns: readonly string[], queue: string): boolean =>
  patterns.length === 0 ||
  patterns.some((pattern) =>
    new RegExp(
      `^${pattern
        .split("*")
        .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
        .join(".*")}$`,
    ).test(queue),
  );
