import { expect, it } from "vitest";
import { noTenantRules } from "../../access/tenant-rules.js";
import { createRoute, type RoutePorts } from "../../processors/route.js";
import type { DispatchCommand } from "../../schemas/generated.js";
import { createMemoryBuckets } from "../../stores/buckets/memory-buckets.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { commandTo } from "../support/commands.js";
import { madeOf } from "../support/made-of.js";
import { stageContext } from "../support/stage-context.js";

const clock = createVirtualClock();
const command = commandTo("sms", "+14155550100");
const route = async (stage: ReturnType<typeof createRoute>, given: DispatchCommand, notBeforeMs: number | null = null) => {
  const { context, ...noted } = stageContext<RoutePorts>({}, clock);
  await madeOf(stage.process({ command: given, notBeforeMs }, context));
  return noted;
};
const free = createRoute({ buckets: createMemoryBuckets(clock), criticalQuota: null, rulesOf: noTenantRules });

it("a message is queued at once", async () => {
  const { emitted, scheduled } = await route(free, command);
  expect(emitted.dispatch).toEqual([command]);
  expect(emitted.lineage).toMatchObject([{ stage: "route", outcome: "ok", status: "queued", reason: null }]);
  expect(scheduled).toEqual([]);
});

it("a message that is not due yet leaves when it is", async () => {
  const dueAtMs = clock.now() + 60_000;
  const { emitted, scheduled } = await route(free, command, dueAtMs);
  expect(emitted.dispatch).toBeUndefined();
  expect(scheduled).toMatchObject([{ port: "dispatch", id: `start:${command.messageId}`, dueAtMs }]);
  expect(emitted.lineage).toMatchObject([
    { outcome: "scheduled", reason: "not_yet_due", details: { dueAt: new Date(dueAtMs).toISOString() } },
  ]);
  expect((await route(free, command, clock.now())).emitted.dispatch).toHaveLength(1);
});

it("what exceeds its tenant's quota of critical goes by high; other tenants and lanes do not notice", async () => {
  const limited = createRoute({ buckets: createMemoryBuckets(clock), criticalQuota: { perSecond: 1, burst: 1 }, rulesOf: noTenantRules });
  const critical = { ...command, lane: "critical" } as const;
  expect((await route(limited, critical)).emitted.dispatch).toMatchObject([{ lane: "critical" }]);
  const moved = await route(limited, critical);
  expect(moved.emitted.dispatch).toMatchObject([{ lane: "high" }]);
  expect(moved.emitted.lineage).toMatchObject([{ reason: "critical_quota", details: { movedTo: "high" } }]);
  expect((await route(limited, { ...critical, tenant: "shop" })).emitted.dispatch).toMatchObject([{ lane: "critical" }]);
  expect((await route(limited, command)).emitted.dispatch).toMatchObject([{ lane: "normal" }]);
});
