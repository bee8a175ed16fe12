import { describe, expect, it } from "vitest";
import { exportUsers } from "../../directory/export-users.js";
import { importUsers } from "../../directory/import-users.js";
import { importFormats } from "../../directory/read-entries.js";
import { harmlessCell, plainCell } from "../../directory/user-columns.js";
import type { Directory, User } from "../../stores/directory/directory.js";
import { lines, memoryStores, options, textOf, uploadOf } from "./uploads.js";

const tenant = "acme";

const awkward = [
  { id: "ann", addresses: { email: "ann@example.com", sms: "+14155550100" }, locale: "en-US", timeZone: "Europe/Paris" },
  {
    id: "=1+1",
    attributes: { formula: "=1+1", lines: "a\r\n=b", quote: "\"'", separators: "a\u2028=b", list: ["x", "y"], number: 5, text: "5" },
  },
  { id: "'=quoted" },
  { id: "'plain" },
  { id: "@here", addresses: { push: ["@token", "=other"], device: ["-d1"] } },
  { id: "-5", addresses: { push: [{ address: "t1", app: "shop, inc." }, "t2"], http: "https://a.example/?b=c,d" } },
  { id: 'ünïcode 😀; a,b"c' },
];

/** What a user has, without times. */
const comparable = ({ id, addresses, locale, timeZone, attributes }: User) => {
  const devices = (["push", "http", "device"] as const).map((channel) => addresses[channel].map(({ address, app }) => [address, app]));
  return { id, email: addresses.email, sms: addresses.sms, devices, locale, timeZone, attributes };
};
const all = async (directory: Directory) => (await directory.list({ tenant, limit: 9_999 })).map(comparable);

const filled = async () => {
  const { directory } = memoryStores();
  const report = await importUsers(directory, { tenant, format: "ndjson", chunks: uploadOf(lines(...awkward)) }, options);
  expect(report).toMatchObject({ imported: awkward.length, failedCount: 0 });
  return directory;
};

describe("an export of users", () => {
  it.each(importFormats)("has everything that an import as %s needs to restore the users", async (format) => {
    const from = await filled();
    const text = await textOf(exportUsers(from, { tenant, format }));
    const { directory: to } = memoryStores();
    const report = await importUsers(to, { tenant, format, chunks: uploadOf(text) }, options);
    expect(report).toMatchObject({ state: "complete", imported: awkward.length, failed: [] });
    expect(await all(to)).toEqual(await all(from));
  });

  it("has no cell that a spreadsheet treats as a formula", async () => {
    const text = await textOf(exportUsers(await filled(), { tenant, format: "csv" }));
    expect(text).not.toMatch(/(^|,|\n|\r|\u2028)"?[=@]/);
    expect(text).toContain("'=1+1");
  });

  it("reads page by page, and continues after a user", async () => {
    const { directory } = memoryStores();
    const users = Array.from({ length: 2_345 }, (_, index) => ({ id: `user-${String(index).padStart(5, "0")}` }));
    await importUsers(directory, { tenant, format: "ndjson", chunks: uploadOf(lines(...users), { pieceBytes: 60_000 }) }, options);
    const text = await textOf(exportUsers(directory, { tenant, format: "ndjson" }));
    expect(text.trim().split("\n")).toHaveLength(2_345);
    const rest = await textOf(exportUsers(directory, { tenant, format: "csv", after: "user-02343" }));
    expect(rest).toMatch(/^"user-02344",.*\r\n$/);
  });

  it("returns nothing of other tenants", async () => {
    const directory = await filled();
    expect(await textOf(exportUsers(directory, { tenant: "other", format: "ndjson" }))).toBe("");
    expect(await textOf(exportUsers(directory, { tenant: "other", format: "csv" }))).toMatch(/^"id","email",.*\r\n$/);
  });

  it.each(["=a", "'=a", "''=a", "'a", "a", "", "+a", "+5", "-5.0", "-x", "\ta", "＝a", "'"])(
    "marks %j so that it can be read back",
    (text) => {
      expect(plainCell(harmlessCell(text))).toBe(text);
    },
  );
});
