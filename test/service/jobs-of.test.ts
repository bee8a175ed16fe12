import { expect, it } from "vitest";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { jobsOf } from "../../service/jobs-of.js";
import { loadConfig } from "../../service/load-config.js";
import { auditIdOf } from "../../stores/audit/audit-id.js";

const dayMs = 86_400_000;

it("forgets entries of the audit log after their retention", async () => {
  const { stores, assembly, clock } = await createDeliveryTestDriver();
  const config = loadConfig({ environment: {}, overrides: { reports: { keepAuditDays: 10 } } });
  const entry = {
    actor: "loopback:local",
    action: "tenant.create",
    tenant: "shop",
    before: null,
    after: null,
    requestId: null,
    people: [],
  };
  await stores.audit.record(
    [9, 11].map((days) => ({ ...entry, id: auditIdOf(new Date(clock.now() - days * dayMs), `${days}`), target: `${days} days` })),
  );
  const job = jobsOf(config, stores, assembly, clock).find(({ name }) => name === "forget-audit");
  await job?.run(new AbortController().signal);
  expect((await stores.audit.page({ limit: 10 })).map(({ target }) => target)).toEqual(["9 days"]);
});
