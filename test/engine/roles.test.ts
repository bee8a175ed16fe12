import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { findUnconsumed } from "../../operations/load/unconsumed-queues.js";
import { createLoadReport } from "../../operations/load/worker-load.js";
import { loadConfig } from "../../service/load-config.js";
import { createMemoryCells } from "../../stores/cells/memory-cells.js";
import { systemClock } from "../../stores/clock.js";
import { allDeliveryQueues, deliveryQueuesOf } from "../../topology/delivery-queues.js";
import { matchesQueue } from "../../topology/queues.js";
import { type Role, rolesOf } from "../../topology/roles.js";

const queues = allDeliveryQueues(loadConfig({ environment: {} }));
const largeRoles = rolesOf("large", queues);

it.each(["small", "large"] as const)("the %s set of documented roles consumes every queue, and no pattern is idle", (set) => {
  const roles = rolesOf(set, queues);
  const patterns = roles.flatMap(({ run }) => run);
  expect(queues.filter(({ name }) => !matchesQueue(patterns, name))).toEqual([]);
  const idle = patterns.filter((pattern) => pattern !== "none" && !queues.some(({ name }) => matchesQueue([pattern], name)));
  expect(idle).toEqual([]);
});

it.each(["small", "large"] as const)("a queue is consumed by the role that it names, of the %s set, and by no other", (set) => {
  for (const { name, run } of rolesOf(set, queues))
    expect(queues.filter((queue) => matchesQueue(run, queue.name))).toEqual(queues.filter(({ roles }) => roles[set] === name));
});

it("the chart's workers are the large set of roles", () => {
  const { workers } = parse(readFileSync(new URL("../../helm/values.yaml", import.meta.url), "utf8")) as {
    readonly workers: Readonly<Record<string, { readonly run?: readonly string[]; readonly enabled?: boolean }>>;
  };
  const consumed = (run: readonly string[]): string =>
    queues
      .filter(({ name }) => matchesQueue(run, name))
      .map(({ name }) => name)
      .join();
  const enabled = Object.values(workers).filter(({ enabled = true }) => enabled);
  expect(enabled.map(({ run = [] }) => consumed(run)).sort()).toEqual(largeRoles.map(({ run }) => consumed(run)).sort());
});

const running = (roles: readonly Role[]) => {
  const cells = createMemoryCells(systemClock);
  for (const { name, run } of roles) {
    const consumes = queues.filter((queue) => matchesQueue(run, queue.name));
    createLoadReport(cells, name, 60_000, consumes).stop();
  }
  return cells;
};

it("doctor finds all consumed where every role runs, and says so where no process does", async () => {
  expect(await findUnconsumed(queues, running(largeRoles))).toMatch(/12 processes consume all 25 queues/);
  expect(await findUnconsumed(queues, running([]))).toBe("no process is running");
});

it("doctor names the queues that no live process consumes, with the pattern that would", async () => {
  const without = (name: string) => running(largeRoles.filter((role) => role.name !== name));
  await expect(findUnconsumed(queues, without("notify"))).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: "no live process consumes announce/feedback, webhook/webhooks, egress/feedback",
    fix: expect.stringContaining("CARILLON_QUEUES='announce/feedback,webhook/webhooks,egress/feedback'"),
  });
  await expect(findUnconsumed(queues, without("intake-critical"))).rejects.toMatchObject({ message: /intake\/requests\.critical$/ });
});

it("doctor misses no webhooks where no tenant has one", async () => {
  const cells = running(largeRoles.filter(({ name }) => name !== "notify"));
  expect(await findUnconsumed(deliveryQueuesOf(loadConfig({ environment: {} })), cells)).toMatch(/consume all 21 queues/);
});
