import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const tests = fileURLToPath(new URL("..", import.meta.url));

/**
 * All remaining real waits of a fixed time in the tests: how many lines, and why neither a condition nor the virtual clock can replace
 * them.
 */
const sleeps: Readonly<Record<string, readonly [count: number, reason: string]>> = {
  "access/stopped-process.processes.test.ts": [1, "20 s: how long a process is stopped"],
  "chaos/clusters.ts": [7, "a scenario: how long a broker is away, how often messages are sent"],
  "chaos/fleet.ts": [3, "a scenario: bounds of a process, and how often it is asked"],
  "chaos/ledger.ts": [1, "a scenario: how long a provider takes"],
  "chaos/run-scenario.ts": [4, "a scenario: when it strikes, how often messages are sent"],
  "chaos/scenarios.ts": [8, "a scenario: how long each fault lasts"],
  "cli/foreign-text.test.ts": [1, "a process that throws while its command works"],
  "conformance/audit-log.servers.test.ts": [1, "MongoDB has no clock to move: 20 ms"],
  "conformance/directory-devices.ts": [1, "at most 9 ms: an erasure that falls into a registration"],
  "conformance/event-log-rebalances.ts": [1, "5 ms a record: a consumer that is still at work when a partition moves"],
  "conformance/jobs.ts": [1, "2.5 s: a run that outlasts the next one's time"],
  "conformance/redis-topologies.servers.measured.test.ts": [1, "Redis lets keys expire by a clock of its own; at most 200 ms at a time"],
  "conformance/stores.servers.test.ts": [1, "Redis lets keys expire by a clock of its own; at most 200 ms at a time"],
  "conformance/subscriptions-races.ts": [2, "at most 8 ms: writers that pause between their steps, and how often readers scan"],
  "conformance/users-and-groups.servers.test.ts": [1, "MongoDB has no clock to move: at most 20 ms at a time"],
  "conformance/tenants.servers.test.ts": [1, "MongoDB has no clock to move: 20 ms"],
  "end-to-end/processes.ts": [1, "the bound of a start"],
  "end-to-end/receipts.ts": [1, "100 ms: a provider that reports before it answers"],
  "end-to-end/stopped-quota.processes.test.ts": [1, "20 s: how long a process is stopped"],
  "end-to-end/stopped-server.processes.test.ts": [2, "20 s: how long a server is stopped; 200 ms in which it ends a write"],
  "end-to-end/threads.processes.test.ts": [1, "60 ms: how long a provider takes"],
  "end-to-end/zombie.servers.test.ts": [
    2,
    "200 ms: a provider that answers late; 4 s in which a worker that woke may send or commit nothing",
  ],
  "lint/source-text.processes.test.ts": [2, "none: spellings that the lint refuses"],
  "mixed/store-upgrade.ts": [1, "a scenario: how long a build works on a store"],
  "mixed/traffic.ts": [2, "a scenario: how often messages are sent"],
  "mixed/verdict.ts": [1, "a scenario: how often its end is asked for"],
  "operations/load/courtesy.test.ts": [1, "0 ms: the event loop turns once"],
  "servers/kafka.ts": [1, "how often a starting broker is asked"],
  "servers/shell.ts": [5, "bounds of processes, and how often they are asked"],
  "service/load-of-busy-machine.measured.test.ts": [5, "CPU time of a real process: it works, others keep the cores busy"],
  "service/test-drivers.test.ts": [1, "120 ms: a provider that waits for real time"],
  "sinks/providers/smpp.test.ts": [1, "200 ms in which nothing may be submitted"],
  "sinks/providers/smpp/smsc.ts": [1, "5 ms: an SMSC that takes a moment"],
  "sinks/providers/smtp-replies.test.ts": [1, "200 ms in which no mail may follow"],
  "sinks/providers/with-deadline.test.ts": [2, "a server that answers while the event loop is blocked"],
  "stores/closed-log.servers.test.ts": [1, "kills a process that does not end within 15 s"],
  "stores/closed-log.ts": [1, "up to 190 ms: logs close at different points of their requests"],
  "stores/demoted-redis.servers.test.ts": [1, "100 ms: a timer that Redis tells of by itself"],
  "stores/stillness.test.ts": [1, "100 ms: work that waits for real time"],
  "support/end-with-parent.test.ts": [2, "a child that lives until it is ended"],
  "support/eventually.ts": [1, "how often a condition is asked"],
  "support/http-proxy.ts": [1, "200 ms: a proxy that hangs up after a while"],
  "support/pausing-mongo.ts": [1, "at most 20 ms: a process that pauses between its writes"],
  "wire/http-request.test.ts": [1, "1,500 ms: a stall of this thread"],
};

const isSleep = (line: string): boolean => /\bsetTimeout\(|(?<![.\w])sleep\((?!1000\)")|\bsystemClock\.sleep\(/.test(line);
const sources = readdirSync(tests, { recursive: true, encoding: "utf8" }).filter((name) => /\.(ts|js)$/.test(name));
const linesOf = (name: string): string[] => readFileSync(join(tests, name), "utf8").split("\n");

it("fixed sleeps are named, each with its reason, and do not grow", () => {
  const found = sources.map((name) => [name, linesOf(name).filter(isSleep).length] as const).filter(([, count]) => count > 0);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(Object.entries(sleeps).map(([name, [count]]) => [name, count])));
});

it("chance comes from a seed", () => {
  const named = /Math\.random\(\)/;
  expect(sources.filter((name) => !name.startsWith("lint/") && linesOf(name).some((line) => named.test(line)))).toEqual([]);
});
