import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, startWorker } from "../harness/child.js";
import { atScale, type Benchmark, type Contestant, type Ratio } from "../harness/result.js";
import type { DirectoryLine, DirectoryWorker } from "../workers/directory.js";

const fullCount = 1_000_000;
const limit = 100;
const parts = ["users", "members"] as const;

interface Import {
  readonly importedPerSecond: number;
  /** Own memory at each tenth of the import. */
  readonly memoryMb: readonly number[];
}

const watchImport = async (child: Child, part: string, count: number, progress: (text: string) => void): Promise<Import> => {
  const memoryMb: number[] = [];
  for (;;) {
    const line = (await child.line()) as unknown as DirectoryLine;
    if (line.importedPerSecond !== undefined) return { importedPerSecond: line.importedPerSecond, memoryMb };
    memoryMb.push(child.ownMb());
    progress(`${line.imported} of ${count} ${part}`);
  }
};

const measure = async (count: number, progress: (text: string) => void) => {
  const folder = mkdtempSync(join(tmpdir(), "carillon-bench-"));
  const child = startWorker("workers/directory.ts", { folder, count, limit } satisfies DirectoryWorker);
  try {
    const imports: Import[] = [];
    for (const part of parts) imports.push(await watchImport(child, part, count, progress));
    const lists: DirectoryLine[] = [];
    for (const _ of parts) lists.push((await child.line()) as unknown as DirectoryLine);
    return { imports, lists };
  } finally {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

export const directory: Benchmark = {
  name: "directory",
  work: "a million users and their memberships of one group, imported into the embedded store as NDJSON, then listed by cursor",
  servers: [],
  run: async (context) => {
    const count = atScale(fullCount, context.scale);
    const { imports, lists } = await measure(count, context.progress);
    const contestants = parts.map((part, index): Contestant => {
      const { importedPerSecond = Number.NaN, memoryMb = [] } = imports[index] ?? {};
      const { listP50Ms = Number.NaN, listP99Ms = Number.NaN } = lists[index] ?? {};
      return { name: `Carillon, ${part}`, measures: { importedPerSecond, ownMb: Math.max(...memoryMb), listP50Ms, listP99Ms } };
    });
    const ratios = parts.flatMap((part, index): Ratio[] => {
      const memoryMb = imports[index]?.memoryMb ?? [];
      const growth = (memoryMb.at(-1) ?? Number.NaN) / (memoryMb[1] ?? Number.NaN);
      return [
        { name: `${part}: own memory at the end / after a fifth`, value: growth, aim: 1.25, atLeast: false },
        { name: `${part}: p99 of a page (ms)`, value: lists[index]?.listP99Ms ?? Number.NaN, aim: 20, atLeast: false, ofMachine: true },
      ];
    });
    return {
      contestants,
      ratios,
      notes: [
        `${count} users with an email address, a phone number, a locale, a time zone and two attributes. Pages of ${limit}.`,
        "Own memory leaves out the pages of the store's file, which the system keeps as long as it has room.",
      ],
    };
  },
};
