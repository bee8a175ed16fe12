import { expect, it } from "vitest";
import { changedFields } from "../../console/page/changed-fields.js";

it("lists the changed fields of each object together, with their values before and after", () => {
  const before = { name: "shop", keys: { "k-1": { revokedAt: null } }, status: "active" };
  const after = { name: "The shop", keys: { "k-1": { revokedAt: true } }, status: "suspended" };
  expect(changedFields(before, after)).toEqual([
    {
      path: "",
      fields: [
        { name: "name", before: "shop", after: "The shop" },
        { name: "status", before: "active", after: "suspended" },
      ],
    },
    { path: "keys.k-1", fields: [{ name: "revokedAt", before: "none", after: "true" }] },
  ]);
});

it("lists the fields with a value of something new or removed", () => {
  const key = { scopes: ["send", "read"], test: false, expiresAt: null };
  expect(changedFields(null, { keys: { "k-1": key }, quotas: {} })).toEqual([
    {
      path: "keys.k-1",
      fields: [
        { name: "scopes", before: undefined, after: "send, read" },
        { name: "test", before: undefined, after: "false" },
      ],
    },
  ]);
  expect(changedFields({ scopes: [] }, null)).toEqual([{ path: "", fields: [{ name: "scopes", before: "none", after: undefined }] }]);
  expect(changedFields(null, null)).toEqual([]);
});

it("shows an object that became a value, and times as the rest of the page", () => {
  expect(changedFields({ webhook: { url: "https://shop.example.com" } }, { webhook: "off" })).toEqual([
    { path: "", fields: [{ name: "webhook", before: '{"url":"https://shop.example.com"}', after: "off" }] },
  ]);
  const [changed] = changedFields({ expiresAt: null }, { expiresAt: "2027-01-31T12:00:00.000Z" });
  expect(changed?.fields[0]?.after).toMatch(/^(30|31) Jan 2027|^01 Feb 2027/);
});
