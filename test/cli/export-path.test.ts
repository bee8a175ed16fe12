import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { exportPathOf } from "../../cli/export-path.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
afterAll(() => folder.remove());
const at = (name: string): string => join(folder.path, name);

it("takes a file that is there, one that is not, and the file behind a link", () => {
  writeFileSync(at("older.csv"), "");
  symlinkSync(at("older.csv"), at("link.csv"));
  expect(exportPathOf(at("new.csv"))).toBe(at("new.csv"));
  expect(exportPathOf(at("older.csv"))).toBe(realpathSync(at("older.csv")));
  expect(exportPathOf(at("link.csv"))).toBe(realpathSync(at("older.csv")));
});

it.skipIf(process.platform === "win32")("refuses what a rename would put a file in place of", () => {
  execFileSync("mkfifo", [at("pipe")]);
  mkdirSync(at("folder"));
  symlinkSync(at("gone.csv"), at("dangling.csv"));
  const refusals: readonly (readonly [string, string])[] = [
    ["/dev/null", "is a device, a pipe or a socket"],
    [at("pipe"), "is a device, a pipe or a socket"],
    [at("folder"), "is a folder"],
    ["-", "is the name of standard output"],
    [at("dangling.csv"), "is a broken symbolic link"],
    [at("nowhere/x.csv"), `the folder ${at("nowhere")} does not exist`],
  ];
  for (const [out, problem] of refusals) expect(() => exportPathOf(out), out).toThrow(problem);
});
