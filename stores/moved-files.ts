import { statSync } from "node:fs";

/** Which file a path leads to; undefined where it leads nowhere. */
const identityOf = (path: string): string | undefined => {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
};

/**
 * Watches the files that a process has open. It goes on with one that is moved or removed, but what it writes there is lost to its
 * successor, and other processes work on another file.
 */
export const watchMoves = () => {
  let opened: readonly { readonly path: string; readonly identity: string | undefined }[] = [];
  return {
    /** Takes note of the files that the paths lead to now. */
    expect: (paths: readonly string[]): void => {
      opened = paths.map((path) => ({ path, identity: identityOf(path) }));
    },
    /** The first path that leads to another file, or nowhere. */
    movedFile: (): string | undefined => opened.find(({ path, identity }) => identityOf(path) !== identity)?.path,
  };
};
