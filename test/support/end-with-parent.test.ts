import { execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { eventually } from "./eventually.js";

const module = fileURLToPath(new URL("end-with-parent.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** A parent that starts a child with a lifetime of a minute, and prints the child's pid once it watches the parent. */
const parent = `
import { spawn } from "node:child_process";
const { endWithParent, endingOptions } = await import(${JSON.stringify(module)});
const child = endWithParent(spawn(process.execPath, ["-e", "console.log('watching'); setTimeout(() => undefined, 60000)"], { env: { ...process.env, NODE_OPTIONS: endingOptions("") } }));
child.stdout.once("data", () => console.log(child.pid));
setTimeout(() => undefined, 60000);
`;

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)])
      .toString()
      .startsWith("Z");
  } catch {
    return false;
  }
};

it.each(["SIGTERM", "SIGKILL"] as const)("a child ends when its parent gets %s", async (signal) => {
  const process = spawn(globalThis.process.execPath, ["--import", "tsx", "--input-type=module", "-e", parent], { cwd: root });
  const pid = await new Promise<number>((resolve) => process.stdout.once("data", (data: Buffer) => resolve(Number(data.toString()))));
  expect(lives(pid)).toBe(true);
  process.kill(signal);
  await eventually(
    () => lives(pid),
    (alive) => !alive,
    15_000,
    100,
  );
});
