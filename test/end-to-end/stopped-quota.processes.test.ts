import { expect, it } from "vitest";
import { configuredTenantsOf } from "../../access/configured-tenants.js";
import { allScopes } from "../../access/scopes.js";
import { editSettings } from "../../operations/tenants/settings-desk.js";
import { systemClock } from "../../stores/clock.js";
import { eventually } from "../support/eventually.js";
import { startDelivery } from "./harness.js";

const stopMs = 20_000;
const mostMs = 5_000;

it("a quota that changed while a process was stopped holds within 5 seconds of its waking, and elsewhere within 5 seconds", async () => {
  const delivery = await startDelivery({ profile: "embedded", guarantee: "at_least_once", processes: 1 });
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ channel: "push", to: "device-success", content: { text: "Hi" } });
  const post = async (): Promise<number> => (await fetch(`${delivery.urls[0]}/v1/messages`, { method: "POST", headers, body })).status;
  const setQuota = (messagesPerDay: number): Promise<unknown> => {
    const tools = { stores: delivery.stores, clock: systemClock, configured: configuredTenantsOf(delivery.config) };
    const principal = { kind: "loopback", tenant: "local", scopes: allScopes } as const;
    return editSettings(tools, "local", { quotas: { messagesPerDay } }, { principal, requestId: "test" });
  };
  /** How long it takes until a message is answered with this status. */
  const timeUntil = async (status: number): Promise<number> => {
    const beganMs = performance.now();
    await eventually(post, (answered) => answered === status);
    return performance.now() - beganMs;
  };
  try {
    expect(await post()).toBe(202);
    await delivery.kill("SIGSTOP");
    await setQuota(1);
    await systemClock.sleep(stopMs);
    await delivery.kill("SIGCONT");
    expect(await timeUntil(429)).toBeLessThan(mostMs);
    await setQuota(1_000);
    expect(await timeUntil(202)).toBeLessThan(mostMs);
  } finally {
    await delivery.kill("SIGCONT");
    await delivery.stop();
  }
}, 120_000);
