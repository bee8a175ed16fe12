import { execFileSync } from "node:child_process";
import { getPriority } from "node:os";
import { expect, it } from "vitest";
import { loadConfig } from "../../../service/load-config.js";
import { deliveryQueuesOf } from "../../../topology/delivery-queues.js";
import { assignThreads } from "../../../topology/thread-assignment.js";

/** Lowers the main thread of a process of its own, which runs the build: a thread cannot raise its priority again. */
const lowered = (by: number): unknown => {
  const module = new URL("../../../dist/service/threads/thread-priority.js", import.meta.url).href;
  const program = `
    import { readdirSync, readFileSync } from "node:fs";
    import { lowerThreadPriority } from ${JSON.stringify(module)};
    // field 19 of proc_pid_stat(5)
    const niceness = (thread) => {
      const stat = readFileSync(\`/proc/self/task/\${thread}/stat\`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
    };
    const others = readdirSync("/proc/self/task").filter((thread) => thread !== String(process.pid));
    const before = niceness(process.pid);
    const answer = lowerThreadPriority(${by});
    console.log(JSON.stringify({ by: niceness(process.pid) - before, answer: answer - before, others: [...new Set(others.map(niceness))], before }));
  `;
  const options = { encoding: "utf8", timeout: 30_000 } as const;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "--eval", program], options));
};

it("threads yield to the one with the urgent queues, and to no other", () => {
  const queues = deliveryQueuesOf(loadConfig({ environment: {} }));
  const yields = (most: number, of = queues) => assignThreads(of, most).map((share) => share.yields);
  expect(yields(1)).toEqual([false]);
  expect(yields(2)).toEqual([false, true]);
  expect(yields(4)).toEqual([false, true, true, true]);
  expect(
    yields(
      4,
      queues.filter(({ urgent }) => !urgent),
    ),
  ).not.toContain(true);
});

it.runIf(process.platform === "linux")("the calling thread alone gets a lower priority, as far as there is one", () => {
  const own = getPriority();
  const one = Math.min(19, own + 1) - own;
  expect(lowered(1)).toEqual({ by: one, answer: one, others: [own], before: own });
  expect(lowered(40)).toEqual({ by: 19 - own, answer: 19 - own, others: [own], before: own });
});
