import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { cleanEnvironment } from "../support/clean-environment.js";
import { eventually } from "../support/eventually.js";
import { rollupFaults } from "../support/rollups.js";
import { type Delivery, type DeliveryOptions, nameOf, startDelivery } from "./harness.js";
import { erasableIn, storedIn } from "./stored.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

const carillon = async (delivery: Delivery, ...args: string[]): Promise<string> => {
  const command = [join(root, "bin/carillon.js"), "--config", delivery.configFile, ...args];
  const { stdout } = await run(process.execPath, command, { env: { ...cleanEnvironment(), NO_COLOR: "1" }, timeout: 90_000 });
  return stdout;
};

const marker = "wvyqzk";
const anna = `success+${marker}@sandbox.carillon.test`;
const ben = "success+ben@sandbox.carillon.test";
const said = `Hello ${marker}`;
const content = { subject: said, text: said };

export const describeErasure = (options: DeliveryOptions): void => {
  describe(`erasure of a recipient, ${nameOf(options)}`, () => {
    it("leaves nothing of it in lineage, timers and message cache, cancels what waits, and touches nobody else", async () => {
      const delivery = await startDelivery(options);
      try {
        const later = new Date(Date.now() + 3_600_000).toISOString();
        const done = await delivery.send({ channel: "email", to: anna, content });
        const waits = await delivery.send({ channel: "email", to: anna, content, notBefore: later });
        const other = await delivery.send({ channel: "email", to: ben, content: { subject: "Hi", text: "Hi" } });
        const others = await delivery.send({ channel: "email", to: ben, content: { subject: "Hi", text: "Hi" }, notBefore: later });
        await Promise.all([delivery.final(done), delivery.final(other)]);
        await eventually(
          () => delivery.view(waits),
          ({ status }) => status === "queued",
        );

        expect(await carillon(delivery, "erase", anna)).toContain("2 messages to this recipient; add --yes to erase");
        expect((await delivery.view(done)).to).toBe(anna);
        const erased = JSON.parse(await carillon(delivery, "erase", anna, "--yes", "--json")) as object;
        expect(erased).toMatchObject({ messages: 2, cancelled: 1, deadLetters: 0, complete: true });

        const cancelled = await delivery.final(waits);
        expect(cancelled).toMatchObject({ status: "cancelled", reason: "recipient_erased", to: null, attempts: 0 });
        expect(await delivery.view(done)).toMatchObject({ status: "delivered", to: null });
        expect(await delivery.view(other)).toMatchObject({ status: "delivered", to: ben });
        expect(await delivery.view(others)).toMatchObject({ status: "queued", to: ben });
        // ben's timer remains, and anna's is gone
        expect(await delivery.stores.timers.pending()).toBe(1);
        expect(await rollupFaults(delivery.stores.lineage, {})).toEqual([]);
        const { log, files, ...stores } = await storedIn(delivery);
        for (const [place, text] of Object.entries(stores)) expect(text.includes(marker), place).toBe(false);
        // the log deletes records after its retention, and the embedded store overwrites freed pages when it reuses them
        expect((log ?? files)?.includes(marker)).toBe(true);
        // a second erasure finds nothing
        expect(JSON.parse(await carillon(delivery, "erase", anna, "--yes", "--json"))).toMatchObject({ messages: 0, complete: true });
      } finally {
        await delivery.stop();
      }
    }, 120_000);

    it("and deletion of a user leave nothing of it in any table, whatever was stored for it", async () => {
      const delivery = await startDelivery(options);
      const call = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
        const headers = { "content-type": "application/json" };
        const init = body ? { headers, body: JSON.stringify(body) } : {};
        const response = await fetch(`${delivery.urls[0]}${path}`, { method, signal: AbortSignal.timeout(30_000), ...init });
        const text = await response.text();
        expect(response.status, text).toBeLessThan(300);
        return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
      };
      const fallback = [{ channel: "email" }, { channel: "push", unless: "opened", afterMs: 3_600_000 }];
      const sendTo = async (more: object): Promise<string> => {
        const { id } = await call("POST", "/v1/messages", { recipient: { user: "anna", fallback }, content, ...more });
        return String(id);
      };
      try {
        await call("PUT", "/v1/users/anna", {
          addresses: { email: anna, sms: "+14155550100", push: [`device-success-${marker}`], device: [`phone-${marker}`] },
          attributes: { note: said },
        });
        await call("POST", "/v1/users/anna/addresses", { channel: "push", address: `device-success-${marker}-2`, app: marker });
        await call("PUT", "/v1/groups/friends", {});
        await call("POST", "/v1/groups/friends/members", { user: "anna", channels: ["email"] });
        const sent = await sendTo({ idempotencyKey: "anna-1", metadata: { note: said }, variables: { name: said } });
        const waits = await sendTo({ notBefore: new Date(Date.now() + 3_600_000).toISOString() });
        await delivery.final(sent);
        await eventually(
          () => delivery.view(waits),
          ({ status }) => status === "queued",
        );
        const before = Object.values(await erasableIn(delivery)).join("\n");
        expect(before).toContain(marker);

        const erased = JSON.parse(await carillon(delivery, "erase", "--user", "anna", "--tenant", "local", "--yes", "--json")) as object;
        expect(erased).toMatchObject({ messages: 2, cancelled: 1, complete: true });
        await call("DELETE", "/v1/users/anna");
        expect(await delivery.final(waits)).toMatchObject({ status: "cancelled", reason: "recipient_erased", to: null, user: null });
        for (const [place, text] of Object.entries(await erasableIn(delivery))) {
          const at = text.indexOf(marker);
          expect(at < 0 ? "" : text.slice(Math.max(0, at - 300), at + 100), place).toBe("");
        }
      } finally {
        await delivery.stop();
      }
    }, 120_000);
  });
};
