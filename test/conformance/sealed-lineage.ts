import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import type { LineageStore } from "../../stores/lineage-store/lineage-store.js";
import { createKeyRing, type KeyRing } from "../../stores/sealed/key-ring.js";
import { sealedLineage } from "../../stores/sealed/sealed-lineage.js";
import { rollupFaults } from "../support/rollups.js";
import { uniqueName } from "../support/scratch.js";
import type { PortFactory } from "./claims.js";

const secret = (): string => randomBytes(32).toString("base64");
const keys = { old: { secret: secret() }, young: { secret: secret() } };
const [oldRing, youngRing] = [createKeyRing({ active: "old", keys }), createKeyRing({ active: "young", keys })];
const alone: KeyRing = createKeyRing({ active: "young", keys: { young: keys.young } });
const recipient = "anna@example.com";

/** Requirements of encryption on a LineageStore: nothing readable is stored, and everything is readable through it. */
export const describeSealedLineage = (factory: PortFactory<LineageStore>): void => {
  describe(`an encrypted LineageStore on ${factory.name}`, () => {
    const tenant = uniqueName("tenant");
    let raw: LineageStore;
    let [old, young] = [{} as LineageStore, {} as LineageStore];
    let offset = 0;
    const event = (messageId: string, stage: LineageStepEvent["stage"], more: Partial<LineageStepEvent>): LineageStepEvent => ({
      eventId: `${messageId}:${stage}`,
      messageId,
      tenant,
      channel: "email",
      lane: "high",
      stage,
      outcome: "ok",
      status: null,
      reason: null,
      attempt: 0,
      at: Date.UTC(2026, 4, 1) + offset,
      instance: "test",
      provider: null,
      to: null,
      details: {},
      ...more,
    });
    const send = async (store: LineageStore, to: string): Promise<string> => {
      const id = uniqueName("message");
      const events = [
        event(id, "accept", {
          outcome: "accepted",
          status: "accepted",
          to,
          details: { country: "IN", template: "otp", user: `user-${to}` },
        }),
        event(id, "dispatch", { status: "dispatched", attempt: 1, details: { tookMs: "12", detail: `250 ${to} taken` } }),
      ];
      await store.append(
        events.map((one) => {
          offset += 1;
          return { event: one, partition: 0, offset };
        }),
      );
      return id;
    };
    const find = async (store: LineageStore, filter: Record<string, unknown>): Promise<string[]> =>
      (await store.query("messages_email", { tenant, ...filter })).map(({ _id }) => _id).sort();
    const ids = { plain: "", old: "", young: "", other: "" };
    beforeAll(async () => {
      raw = await factory.open();
      await raw.prepare();
      [old, young] = [sealedLineage(raw, oldRing), sealedLineage(raw, youngRing)];
      ids.plain = await send(raw, recipient);
      ids.old = await send(old, recipient);
      ids.young = await send(young, recipient);
      ids.other = await send(young, "ben@example.com");
    });
    afterAll(async () => {
      await raw.close();
      await factory.dispose?.();
    });

    it("stores no recipient and no free text readably, and counts what it always counts", async () => {
      const stored = JSON.stringify([await raw.find(ids.old), await raw.find(ids.young), await raw.find(ids.other)]);
      for (const text of ["anna", "ben", "taken"]) expect(stored).not.toContain(text);
      expect(JSON.stringify(await raw.find(ids.plain))).toContain("anna");
      expect(stored).toContain("tookMs");
      expect(await rollupFaults(raw, { tenant })).toEqual([]);
    });

    it("tells documents readably, whichever key they are under", async () => {
      for (const id of [ids.plain, ids.old, ids.young])
        expect(await young.find(id)).toMatchObject({
          to: recipient,
          user: `user-${recipient}`,
          country: "IN",
          lineage: [{ details: { user: `user-${recipient}` } }, { details: { tookMs: "12", detail: `250 ${recipient} taken` } }],
        });
    });

    it("finds a recipient by equality, whichever key the documents are under", async () => {
      const all = [ids.plain, ids.old, ids.young].sort();
      expect(await find(young, { to: recipient })).toEqual(all);
      expect(await find(old, { to: { $eq: recipient } })).toEqual(all);
      expect(await find(young, { to: { $in: [recipient, "nobody@example.com"] } })).toEqual(all);
      expect(await find(young, { to: { $ne: recipient } })).toEqual([ids.other]);
      expect(await find(young, { $or: [{ to: recipient }, { to: "ben@example.com" }] })).toEqual([...all, ids.other].sort());
      expect(await find(young, { to: { $not: { $in: [recipient] } } })).toEqual([ids.other]);
      expect(await find(young, { to: null })).toEqual([]);
      expect(await find(young, { user: `user-${recipient}` })).toEqual(all);
      expect(await young.count("messages_email", { tenant, to: recipient })).toBe(3);
      const grouped = await young.aggregate("messages_email", [
        { $match: { tenant, to: recipient } },
        { $project: { to: 1, template: 1 } },
      ]);
      expect(grouped.map(({ to, template }) => `${to} ${template}`)).toEqual(Array(3).fill(`${recipient} otp`));
    });

    it("tells as it is stored what no key opens, or only looks sealed, and everything else readably", async () => {
      const forged = await send(young, "sealed:young:forged@example.com");
      expect(await young.find(forged)).toMatchObject({ to: "sealed:young:forged@example.com" });
      const without = sealedLineage(raw, alone);
      expect(await without.find(ids.old)).toMatchObject({ to: oldRing.sealText(recipient), lineage: [{}, { details: { tookMs: "12" } }] });
      expect(await without.find(ids.young)).toMatchObject({ to: recipient });
      await raw.replace((await raw.query("messages_email", { _id: forged })).map((document) => ({ ...document, to: null, lineage: [] })));
    });

    it("refuses what cannot be asked of encrypted recipients", async () => {
      const refused = expect.objectContaining({ code: "FILTER_REFUSED", message: expect.stringContaining("encrypted") });
      for (const to of [{ $regex: "^anna" }, /^anna/, { $gt: "a" }, { $in: [/a/] }, { $not: { $regex: "a" } }])
        await expect(find(young, { to }), JSON.stringify(to)).rejects.toThrow(refused);
    });

    it("encrypts everything anew under the active key, so that the old one can go", async () => {
      const told: number[] = [];
      expect(await young.rewrap?.((documents) => told.push(documents))).toBeGreaterThanOrEqual(2);
      expect(told.at(-1)).toBeGreaterThanOrEqual(4);
      expect(await young.rewrap?.()).toBe(0);
      const last = sealedLineage(raw, alone);
      expect(await find(last, { to: recipient })).toEqual([ids.plain, ids.old, ids.young].sort());
      expect(await find(last, { user: `user-${recipient}` })).toEqual([ids.plain, ids.old, ids.young].sort());
      for (const id of [ids.plain, ids.old, ids.young]) expect(await last.find(id)).toMatchObject({ to: recipient });
      expect(JSON.stringify(await raw.find(ids.plain))).not.toContain("anna");
      expect(await rollupFaults(raw, { tenant })).toEqual([]);
    });
  });
};
