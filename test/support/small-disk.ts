import { spawnSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchFolder } from "./scratch.js";

/** A file system of a few megabytes in memory, with ballast that leaves as much space as a test wants. */
export interface SmallDisk {
  readonly path: string;
  freeBytes(): number;
  /** Fills it until only this number of bytes is free. */
  leave(bytes: number): void;
  makeRoom(): void;
  remove(): void;
}

const run = (command: string, ...args: string[]): void => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0)
    throw new Error(`a test on a small disk needs permission to mount it: ${command} ${args.join(" ")}: ${stderr || error?.message}`);
};

export const smallDisk = (size: string, inodes?: number): SmallDisk => {
  const folder = scratchFolder();
  run("mount", "-t", "tmpfs", "-o", `size=${size},mode=0700${inodes === undefined ? "" : `,nr_inodes=${inodes}`}`, "tmpfs", folder.path);
  const ballast = join(folder.path, "ballast");
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(folder.path);
    return bavail * bsize;
  };
  const makeRoom = (): void => rmSync(ballast, { force: true });
  return {
    path: folder.path,
    freeBytes,
    leave: (bytes) => {
      makeRoom();
      try {
        writeFileSync(ballast, Buffer.alloc(Math.max(0, freeBytes() - bytes)));
      } catch (error) {
        // others wrote meanwhile, and it is full anyway
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    },
    makeRoom,
    remove: () => {
      run("umount", "-l", folder.path);
      folder.remove();
    },
  };
};
