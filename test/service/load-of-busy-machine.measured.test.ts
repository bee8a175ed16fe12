import { type ChildProcess, execFile, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";

const hogs: ChildProcess[] = [];
afterAll(() => {
  for (const hog of hogs) hog.kill("SIGKILL");
});

/** A separate worker that handles 200 equal records and prints the reported CPU time of one. */
const worker = `
const { createLoadReport } = await import(process.argv[1]);
let told;
const report = createLoadReport({ set: async (_group, _name, text) => { told = JSON.parse(text); } }, "test", 100);
await new Promise((resolve) => setTimeout(resolve, 300));
for (let record = 0; record < 200; record += 1) {
  let sum = 0;
  for (let step = 0; step < 4_000_000; step += 1) sum += step % 7;
  report.handled({ queue: { name: "dispatch/dispatch.sms.normal" }, records: 1, inFlightMs: sum > 0 ? 5 : 0 });
  if (record % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 1));
}
await new Promise((resolve) => setTimeout(resolve, 120));
report.stop();
const records = told.queues["dispatch/dispatch.sms.normal"]?.records ?? 0;
console.log(JSON.stringify({ busyMs: told.busy * told.spanMs, spanMs: told.spanMs, records }));
`;

const module = new URL("../../dist/operations/load/worker-load.js", import.meta.url).href;

const measure = async (): Promise<{ busyMs: number; spanMs: number; records: number }> => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", worker, module], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  });
  return JSON.parse(stdout) as { busyMs: number; spanMs: number; records: number };
};

it("a record's CPU time is the same on a machine that others keep busy, so that the plan proposes the same replicas", async () => {
  const alone = await measure();
  for (let core = 0; core < 2 * availableParallelism(); core += 1) {
    hogs.push(
      spawn(process.execPath, [
        "-e",
        "setTimeout(() => process.exit(), 120_000); setInterval(() => { for (let i = 0; i < 1e7; i += 1); }, 0)",
      ]),
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  const busy = await measure();
  const [each, eachBusy] = [alone.busyMs / alone.records, busy.busyMs / busy.records];
  expect(busy.spanMs).toBeGreaterThan(1.3 * busy.busyMs); // it did wait for the cores
  expect(eachBusy / each).toBeLessThan(2);
  expect(eachBusy / each).toBeGreaterThan(0.5);
}, 120_000);
