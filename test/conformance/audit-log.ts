import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { auditIdOf } from "../../stores/audit/audit-id.js";
import { type AuditEntry, type AuditLog, auditBounds, type StoredAuditEntry } from "../../stores/audit/audit-log.js";
import { uniqueName } from "../support/scratch.js";
import type { PortFactory } from "./claims.js";

/** A span of time for each test, so that tests remove only their own entries. */
let nextYear = 2_000;

/** Conformance suite of AuditLog. */
export const describeAuditLog = (factory: PortFactory<AuditLog>): void => {
  describe(`AuditLog on ${factory.name}`, () => {
    let audit: AuditLog;
    let tenant: string;
    let year: number;
    const at = (second: number): Date => new Date(Date.UTC(year, 0, 1, 0, 0, second));
    const entry = (second: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
      ...{ id: auditIdOf(at(second), randomUUID()), actor: "key:shop:k1", action: "key.revoke", tenant, target: `key ${second}` },
      ...{ before: { revokedAt: null, nested: { list: [1, "zwei", null] } }, after: { "revokedAt.$odd": "2026-11-30T08:00:00Z" } },
      ...{ requestId: "r-1", people: [], ...more },
    });
    const targets = (entries: readonly StoredAuditEntry[]): string[] => entries.map(({ target }) => target);
    beforeAll(async () => {
      audit = await factory.open();
    });
    beforeEach(() => {
      tenant = uniqueName("tenant");
      year = nextYear;
      nextYear += 1;
    });
    afterAll(async () => {
      await audit.close();
      await factory.dispose?.();
    });

    it("gives back what was recorded, with the time of its id", async () => {
      const own = entry(5, { people: [{ tenant, id: "ann" }] });
      await audit.record([own]);
      expect(await audit.page({ tenant, limit: 10 })).toEqual([{ ...own, at: at(5), erased: false }]);
    });

    it("goes back in time by pages, each entry once", async () => {
      const entries = Array.from({ length: 23 }, (_, index) => entry(index));
      await audit.record([...entries].reverse());
      const seen: string[] = [];
      for (let before: string | undefined; ; ) {
        const page = await audit.page({ tenant, before, limit: 5 });
        seen.push(...targets(page));
        expect(page.length).toBeLessThanOrEqual(5);
        before = page.at(-1)?.id;
        if (before === undefined) break;
      }
      expect(seen).toEqual(entries.map(({ target }) => target).reverse());
    });

    it("shows the entries of one tenant, of the installation, or all", async () => {
      const other = `${tenant}-other`;
      await audit.record([entry(1), entry(2, { tenant: other }), entry(3, { tenant: null, target: `of ${tenant}` }), entry(4)]);
      expect(targets(await audit.page({ tenant, limit: 10 }))).toEqual(["key 4", "key 1"]);
      expect(targets(await audit.page({ tenant: other, limit: 10 }))).toEqual(["key 2"]);
      const end = auditIdOf(at(59), "0");
      expect(targets(await audit.page({ tenant: null, before: end, limit: 1 }))).toEqual([`of ${tenant}`]);
      expect(targets(await audit.page({ before: end, limit: 4 }))).toEqual(["key 4", `of ${tenant}`, "key 2", "key 1"]);
    });

    it("records an entry once, however often it is repeated", async () => {
      const own = entry(1);
      await audit.record([own, own]);
      await Promise.all([audit.record([own, entry(2)]), audit.record([{ ...own, target: "changed" }])]);
      expect(targets(await audit.page({ tenant, limit: 10 }))).toEqual(["key 2", "key 1"]);
      await audit.record([]);
    });

    it("forgets what is older, and nothing else", async () => {
      await audit.record([0, 1, 2, 3].map((second) => entry(second)));
      let removed = 0;
      for (let more = 1; more > 0; removed += more) more = await audit.forget(at(2));
      expect(removed).toBeGreaterThanOrEqual(2);
      expect(targets(await audit.page({ tenant, limit: 10 }))).toEqual(["key 3", "key 2"]);
      expect(await audit.forget(at(2))).toBe(0);
    });

    it("removes a person from all entries that concern it, and leaves what was done", async () => {
      const person = { tenant, id: "ann@example.com" };
      const personal = { actor: "oidc:https://id.example.com:ann@example.com", after: { email: "ann@example.com" } };
      await audit.record([
        entry(1, { ...personal, people: [person, { tenant, id: "bob" }] }),
        entry(2, { people: [{ tenant: `${tenant}-other`, id: "ann@example.com" }] }),
        entry(3, { people: [person] }),
      ]);
      expect(await audit.erase(person)).toBe(2);
      expect(await audit.erase(person)).toBe(0);
      const page = await audit.page({ tenant, limit: 10 });
      expect(JSON.stringify(page.filter(({ target }) => target !== "key 2"))).not.toMatch(/ann|bob|key 1|key 3/);
      expect(page[2]).toMatchObject({ action: "key.revoke", at: at(1), tenant, actor: "erased", before: null, after: null, erased: true });
      expect(page[1]).toMatchObject({ target: "key 2", erased: false });
    });

    it("does not bring an erased entry back when it is recorded again", async () => {
      const own = entry(1, { people: [{ tenant, id: "ann" }] });
      await audit.record([own]);
      await audit.erase({ tenant, id: "ann" });
      await audit.record([own]);
      expect(targets(await audit.page({ tenant, limit: 10 }))).toEqual(["erased"]);
    });

    it("refuses what no adapter can keep", async () => {
      const refuse = (work: Promise<unknown>) => expect(work).rejects.toMatchObject({ code: "INPUT_INVALID" });
      await refuse(audit.record([entry(1, { id: "no-time" })]));
      await refuse(audit.record([entry(1, { tenant: "" })]));
      await refuse(audit.record([entry(1, { after: { text: "x".repeat(auditBounds.entryBytes) } })]));
      await refuse(audit.record(Array.from({ length: auditBounds.batch + 1 }, () => entry(1))));
      await refuse(audit.page({ tenant, limit: 0 }));
      await refuse(audit.page({ tenant, limit: auditBounds.batch + 1 }));
      await refuse(audit.page({ tenant, before: "x", limit: 1 }));
      expect(await audit.page({ tenant, limit: 10 })).toEqual([]);
    });
  });
};
