/** In place of a pattern: a process that consumes nothing, such as one that answers HTTP alone. */
export const noQueue = "none";

/** Whether one of the patterns (`*` stands for anything) fits the queue's name; without patterns every queue is meant. */
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
