import { afterAll, beforeAll, expect, it } from "vitest";
import type { Deployment } from "../../cli/deployment/deployment.js";
import { createLocalDeployment } from "../../cli/local/local-deployment.js";
import { loadConfig } from "../../service/load-config.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
let deployment: Deployment;
beforeAll(() => {
  const http = { apiKeys: [{ tenant: "configured", key: "configured-0123456789" }] };
  deployment = createLocalDeployment(loadConfig({ environment: {}, overrides: { dataDir: folder.path, http } }));
});
afterAll(async () => {
  await deployment.close();
  folder.remove();
});

it("manages tenants and keys in the stores, and records who did", async () => {
  const { tenants } = deployment;
  expect(await tenants.create({ id: "shop" })).toMatchObject({ id: "shop", name: "shop", status: "active" });
  await expect(tenants.create({ id: "shop" })).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await tenants.change("shop", { name: "Shop", status: "suspended" })).toMatchObject({ name: "Shop", status: "suspended" });
  const first = await tenants.createKey("shop", { scopes: ["send"], expiresAt: "2100-01-01T00:00:00Z" });
  const second = await tenants.rotateKey("shop", first.id, { overlapMs: 60_000 });
  await tenants.revokeKey("shop", second.id);
  expect(await tenants.keys("shop")).toMatchObject([
    { id: second.id, state: "revoked", expiresAt: "2100-01-01T00:00:00.000Z" },
    { id: first.id, state: "valid", lastUsedAt: null },
  ]);
  await tenants.delete("shop");
  expect(await tenants.list()).toEqual([]);
  const actions = ["tenant.delete", "key.revoke", "key.rotate", "key.create", "tenant.change", "tenant.create"];
  expect((await tenants.audit("shop", 10)).map(({ actor, action }) => [actor, action])).toEqual(
    actions.map((action) => ["loopback:local", action]),
  );
});

it("shows and changes settings, also beyond the limits of a tenant's own keys", async () => {
  const { tenants } = deployment;
  await tenants.create({ id: "settled" });
  await tenants.changeSettings("settled", { quotas: { messagesPerDay: 10 }, senders: { email: ["news@shop.example"] } });
  await tenants.changeSettings("settled", { quotas: { messagesPerDay: 20 } });
  expect(await tenants.settings("settled")).toMatchObject({ quotas: { messagesPerDay: 20 }, senders: { email: ["news@shop.example"] } });
  await expect(tenants.changeSettings("settled", { rates: { messagesPerSecond: -1 } })).rejects.toMatchObject({
    ...{ code: "INPUT_INVALID", field: "rates.messagesPerSecond" },
  });
  await expect(tenants.settings("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("refuses what the server would refuse, with the field", async () => {
  const { tenants } = deployment;
  const refusal = (work: Promise<unknown>) => work.catch((error: unknown) => error);
  expect(await refusal(tenants.create({ id: "Not valid" }))).toMatchObject({ code: "INPUT_INVALID", field: "id" });
  await tenants.create({ id: "other" });
  expect(await refusal(tenants.createKey("other", { scopes: ["admin"] }))).toMatchObject({ code: "INPUT_INVALID", field: "scopes" });
  expect(await refusal(tenants.delete("configured"))).toMatchObject({ code: "CONFLICT" });
  for (const work of [tenants.keys("nobody"), tenants.revokeKey("other", "none"), tenants.change("nobody", {})])
    expect(await refusal(work)).toMatchObject({ code: "NOT_FOUND" });
});
