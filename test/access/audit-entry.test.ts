import { describe, expect, it } from "vitest";
import { generateKey } from "../../access/api-keys.js";
import { type AdministrativeChange, auditEntryOf } from "../../access/audit-entry.js";
import { installation } from "../../access/decide.js";
import { hiddenSecret, withoutSecrets } from "../../access/without-secrets.js";
import { auditBounds } from "../../stores/audit/audit-log.js";
import { keyFor, settings, tenantPut } from "../conformance/tenants-under-test.js";

const at = new Date("2026-11-30T08:00:00.123Z");
const change = (more: Partial<AdministrativeChange>): AdministrativeChange => ({
  principal: { kind: "key", id: "k1", name: "key", tenant: "ops", scopes: ["operate"], test: false },
  ...{ action: "tenant.put", tenant: "shop", target: "tenant shop", before: null, after: null, requestId: "r-1" },
  ...more,
});

describe("the entry of a change", () => {
  it("has who, what, where and when, and only the fields that differ", () => {
    const before = { name: "Shop", status: "active", settings: { locale: "de-DE", timeZone: "UTC", rates: { a: 1, b: 2 } } };
    const after = { name: "Shop", status: "suspended", settings: { locale: "de-DE", rates: { a: 1, b: 3 } } };
    expect(auditEntryOf(change({ before, after }), at, "r-1")).toEqual({
      id: `${at.getTime().toString(16).padStart(12, "0")}-r-1`,
      ...{ actor: "key:ops:k1", action: "tenant.put", tenant: "shop", target: "tenant shop", requestId: "r-1", people: [] },
      before: { status: "active", settings: { timeZone: "UTC", rates: { b: 2 } } },
      after: { status: "suspended", settings: { rates: { b: 3 } } },
    });
    const created = auditEntryOf(change({ after: { name: "Shop" }, tenant: installation }), at, "r");
    expect(created).toMatchObject({ tenant: null, before: null, after: { name: "Shop" } });
  });

  it("names the person who signed in, so that it can be erased", () => {
    const principal = { kind: "oidc", tenant: "ops", scopes: [], issuer: "https://id.example.com", subject: "ann", name: "Ann" } as const;
    const { people } = auditEntryOf(change({ principal, people: [{ tenant: "shop", id: "bob" }] }), at, "r");
    expect(people).toEqual([
      { tenant: "ops", id: "oidc:https://id.example.com:ann" },
      { tenant: "shop", id: "bob" },
    ]);
  });

  it("shows that a secret changed, but no secret", () => {
    const key = generateKey(true);
    const before = tenantPut("shop", { settings, keys: [keyFor("k1")] });
    const provider = { type: "smtp", options: { host: "mail.example.com" }, secrets: { password: "sealed:main:CCCC" } };
    const after = { ...before, name: `pasted ${key}`, keys: [], settings: { ...settings, providers: { mail: provider } } };
    const entry = auditEntryOf(change({ before, after }), at, "r");
    expect(JSON.stringify(entry)).not.toMatch(/sealed:|CCCC|BBBB|carillon_test_/);
    expect(JSON.stringify(entry)).not.toContain(before.keys[0]?.digest);
    expect(entry.after).toMatchObject({ name: hiddenSecret, settings: { providers: { mail: { secrets: { password: hiddenSecret } } } } });
    expect(entry.before).toMatchObject({ keys: [{ id: "k1", digest: hiddenSecret }] });
  });

  it("fits into the log, however long the states are", () => {
    const after = { name: "Shop", note: "x".repeat(auditBounds.entryBytes) };
    expect(auditEntryOf(change({ after }), at, "r").after).toEqual({ tooLong: ["name", "note"] });
  });
});

describe("withoutSecrets", () => {
  it("hides secret fields and texts at every depth, and keeps the rest", () => {
    expect(
      withoutSecrets({
        ...{ password: "p", Token: 5, apiKey: null, name: "n", at, list: [{ secret: ["a"] }, "sealed:x:y", 7] },
        webhook: { url: "https://example.com", secrets: { a: "1", b: null } },
      }),
    ).toEqual({
      ...{ password: hiddenSecret, Token: hiddenSecret, apiKey: null, name: "n", at: "2026-11-30T08:00:00.123Z" },
      list: [{ secret: [hiddenSecret] }, hiddenSecret, 7],
      webhook: { url: "https://example.com", secrets: { a: hiddenSecret, b: hiddenSecret } },
    });
  });
});
