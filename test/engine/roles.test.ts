import { expect, it } from "vitest";
import { findUnconsumed } from "../../operations/load/unconsumed-queues.js";
import { createLoadReport } from "../../operations/load/worker-load.js";
import { loadConfig } from "../../service/load-config.js";
import { createMemoryCells } from "../../stores/cells/memory-cells.js";
import { systemClock } from "../../stores/clock.js";
import { deliveryQueues, matchesQueue } from "../../topology/queues.js";
import { largeRoles, queuesOf, type Role, smallRoles } from "../../topology/roles.js";

it.each([
  ["small", smallRoles],
  ["large", largeRoles],
] as const)("the %s set of documented roles consumes every queue, and no pattern is idle", (_name, roles) => {
  const patterns = roles.flatMap(({ run }) => run);
  expect(deliveryQueues.filter((queue) => !matchesQueue(patterns, queue))).toEqual([]);
  const idle = patterns.filter((pattern) => pattern !== "none" && !deliveryQueues.some((queue) => matchesQueue([pattern], queue)));
  expect(idle).toEqual([]);
});

const secret = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
const config = loadConfig({ environment: {}, overrides: { webhooks: { tenants: { acme: { url: "https://acme.test", secret } } } } });

const running = (roles: readonly Role[]) => {
  const cells = createMemoryCells(systemClock);
  for (const { name, run } of roles) {
    const consumes = queuesOf(true).filter((queue) => matchesQueue(run, queue));
    createLoadReport(cells, name, 60_000, consumes).stop();
  }
  return cells;
};

it("doctor finds all consumed where every role runs, and says so where no process does", async () => {
  expect(await findUnconsumed(config, running(largeRoles))).toMatch(/12 processes consume all 22 queues/);
  expect(await findUnconsumed(config, running([]))).toBe("no process runs");
});

it("doctor names the queues that no living process consumes, with the pattern that would", async () => {
  const without = (name: string) => running(largeRoles.filter((role) => role.name !== name));
  await expect(findUnconsumed(config, without("notify"))).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: "no living process consumes announce/feedback, webhook/webhooks",
    fix: expect.stringContaining("CARILLON_RUN='announce/feedback,webhook/webhooks'"),
  });
  await expect(findUnconsumed(config, without("intake-critical"))).rejects.toMatchObject({ message: /intake\/requests\.critical$/ });
});

it("doctor misses no webhooks where no tenant has one", async () => {
  const cells = running(largeRoles.filter(({ name }) => name !== "notify"));
  expect(await findUnconsumed(loadConfig({ environment: {} }), cells)).toMatch(/consume all 20 queues/);
});
