import { statSync } from "node:fs";

/** Identity of the file at a path; undefined if there is none. */
const identityOf = (path: string): string | undefined => {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
};

/**
 * Watches the files that a process has open. The process can go on with a file that was moved or removed, but its successor never sees
 * those writes, and other processes use another file.
 */
export const watchMoves = () => {
  let opened: readonly { readonly path: string; readonly identity: string | undefined }[] = [];
  return {
    /** Records the files currently at these paths. */
    expect: (paths: readonly string[]): void => {
      opened = paths.map((path) => ({ path, identity: identityOf(path) }));
    },
    /** The first path that now leads to another file, or to none. */
    movedFile: (): string | undefined => opened.find(({ path, identity }) => identityOf(path) !== identity)?.path,
  };
};
