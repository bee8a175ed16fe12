import { Webhook } from "standardwebhooks";
import { describe, expect, it, vi } from "vitest";
import { newTenant } from "../../../access/configured-tenants.js";
import { snapshotOf } from "../../../access/tenant-snapshot.js";
import { createDeliveryTestDriver } from "../../../service/delivery-test-driver.js";
import { newWebhookSecret, ownStateName, sealWebhookSecret } from "../../../sinks/webhooks/own-webhook.js";
import type { Poster } from "../../../sinks/webhooks/post.js";
import { createKeyRing } from "../../../stores/sealed/key-ring.js";
import { createTenantSecrets } from "../../../stores/sealed/tenant-secrets.js";
import type { TenantWebhook } from "../../../stores/tenants/tenants.js";
import { emailTo, requestOf } from "../../support/requests.js";

const keyOf = (byte: number) => ({ secret: Buffer.alloc(32, byte).toString("base64") });
const under = (name: string, byte: number) => createTenantSecrets(createKeyRing({ active: name, keys: { [name]: keyOf(byte) } }));
const encryption = { active: "main", keys: { main: keyOf(7) } };
const secret = newWebhookSecret();
const hourMs = 3_600_000;

/** A driver that knows one tenant with a webhook of its own, once `read` is called. */
const start = async (webhook: Partial<TenantWebhook> = {}, seals = under("main", 7)) => {
  const told: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string }[] = [];
  const poster: Poster = {
    post: async (url, headers, body) => {
      told.push({ url, headers, body });
      return { status: 200, retryAfter: null };
    },
    close: () => undefined,
  };
  const tenant = { ...newTenant("acme", "acme"), createdAt: new Date(0), changedAt: new Date(0) };
  const stored: TenantWebhook = {
    ...{ url: "https://acme.test/hook", secrets: [sealWebhookSecret("acme", secret, seals)], kinds: ["final"], createdAt: new Date(0) },
    ...webhook,
  };
  const known = snapshotOf(new Map([["acme", { ...tenant, settings: { ...tenant.settings, webhook: stored } }]]));
  let isRead = true;
  const tenants = {
    peek: () => (isRead ? known : undefined),
    latest: () => (isRead ? known : snapshotOf(new Map())),
    lastKnown: async () => (isRead ? known : undefined),
  };
  const driver = await createDeliveryTestDriver({ encryption }, { poster, tenants });
  const send = async (name: string, of = "acme"): Promise<string> => {
    const request = requestOf({ ...emailTo(name), tenant: of }, driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    return request.id;
  };
  const steps = async (id: string) => ((await driver.lineage(id))?.lineage ?? []).filter(({ stage }) => stage === "webhook");
  const read = (now: boolean): void => {
    isRead = now;
  };
  return { driver, told, send, steps, read };
};

describe("the webhook of a tenant's own", () => {
  it("receives the kinds that it names, signed by its secret, and nothing of other tenants", async () => {
    const { driver, told, send } = await start();
    const id = await send("complaint");
    await send("success", "other");
    await driver.advance(2_000);
    expect(told).toHaveLength(1);
    const [{ url, headers, body } = { url: "", headers: {}, body: "" }] = told;
    vi.setSystemTime(Number(headers["webhook-timestamp"]) * 1_000);
    try {
      expect(new Webhook(secret).verify(body, { ...headers })).toMatchObject({ type: "message.delivered", data: { messageId: id } });
    } finally {
      vi.useRealTimers();
    }
    expect(url).toBe("https://acme.test/hook");
  });

  it("receives nothing from before its creation", async () => {
    const { driver, told, send } = await start({ createdAt: new Date(Date.UTC(2100, 0, 1)) });
    await send("success");
    await driver.advance(2_000);
    expect(told).toEqual([]);
  });

  it("is tried again while its secrets cannot be opened, is not disabled, and becomes a dead letter in the end", async () => {
    const { driver, told, send, steps } = await start({}, under("lost", 8));
    const id = await send("success");
    await driver.advance(2_000);
    const [first] = await steps(id);
    expect(first).toMatchObject({ outcome: "failed", details: { detail: expect.stringContaining("encryption.keys.lost") } });
    await driver.advance(100 * hourMs);
    expect((await steps(id)).length).toBeGreaterThan(5);
    expect(told).toEqual([]);
    expect(await driver.stores.cells.get("webhooks", ownStateName("acme", "https://acme.test/hook"))).toBeUndefined();
    expect(await driver.read(driver.assembly.families.deadLetters)).toMatchObject([{ errorCode: "WEBHOOK_FAILED" }]);
  });

  it("receives what ended while the process had not read the tenants yet", async () => {
    const { driver, told, send, steps, read } = await start();
    read(false);
    const id = await send("success");
    await driver.advance(20_000);
    expect(told).toEqual([]);
    expect(await steps(id)).toEqual([]);
    read(true);
    await driver.advance(10_000);
    expect(told).toHaveLength(1);
  });
});
