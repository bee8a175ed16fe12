import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let counter = 0;
const nextNumber = (): number => {
  counter += 1;
  return counter;
};

/** A unique name for each test, so that suites can share servers. */
export const uniqueName = (what: string): string => `${what}-${process.pid}-${Date.now().toString(36)}-${nextNumber()}`;

export const scratchFolder = (): { readonly path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), "carillon-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};
