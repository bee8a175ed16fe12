import { describe, expect, it } from "vitest";
import type { ImportProgress } from "../../directory/import-list.js";
import { importUsers } from "../../directory/import-users.js";
import type { ImportFormat } from "../../directory/read-entries.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Directory } from "../../stores/directory/directory.js";
import { lines, memoryStores, options, uploadOf } from "./uploads.js";

const tenant = "acme";
const importing = (directory: Directory, content: string | Uint8Array, format: ImportFormat = "ndjson", more = {}) =>
  importUsers(directory, { tenant, format, chunks: uploadOf(content) }, { ...options, ...more });
const idsIn = async (directory: Directory): Promise<string[]> => (await directory.list({ tenant, limit: 9_999 })).map(({ id }) => id);
const get = async (directory: Directory, id: string) => (await directory.get([{ tenant, id }]))[0];
const users = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `user-${index}` }));

describe("an import of users", () => {
  it("stores the valid lines and reports the others by their numbers", async () => {
    const { directory } = memoryStores();
    const content = `${lines({ id: "ann", addresses: { email: "ann@example.com" } })}\n{"id":\n${lines({ id: "ben", addresses: { sms: "1" } }, { id: "cem" })}`;
    const report = await importing(directory, content);
    expect(report).toMatchObject({ state: "complete", imported: 2, failedCount: 2, upToLine: 5, error: undefined });
    expect(report.failed.map(({ line, errors }) => [line, errors[0]?.field])).toEqual([
      [3, "line"],
      [4, "addresses.sms"],
    ]);
    expect(await idsIn(directory)).toEqual(["ann", "cem"]);
  });

  it("stores nothing of a list with one faulty line if asked to refuse it", async () => {
    const { directory } = memoryStores();
    const faulty = await importing(directory, lines(...users(2_500), { id: "" }), "ndjson", { onError: "refuse" });
    expect(faulty).toMatchObject({ state: "refused", imported: 0, failedCount: 1, upToLine: 0, failed: [{ line: 2_501 }] });
    expect(await idsIn(directory)).toEqual([]);
    const valid = await importing(directory, lines(...users(2_500)), "ndjson", { onError: "refuse" });
    expect(valid).toMatchObject({ state: "complete", imported: 2_500, upToLine: 2_500 });
    expect(await idsIn(directory)).toHaveLength(2_500);
  });

  it("says how far an upload came that breaks off, and stores no cut line", async () => {
    const { directory } = memoryStores();
    const cut = async (format: ImportFormat, content: string, onError?: "refuse") =>
      importUsers(
        directory,
        { tenant, format, chunks: uploadOf(content, { error: new Error("aborted") }) },
        { ...options, ...(onError ? { onError } : {}) },
      );
    const refused = await cut("ndjson", lines({ id: "ann" }, { id: "ben" }), "refuse");
    expect([refused.state, refused.imported, await idsIn(directory)]).toEqual(["interrupted", 0, []]);
    const report = await cut("ndjson", `${lines({ id: "ann" }, { id: "ben" })}{"id":"cem"}`);
    expect(report).toMatchObject({ state: "interrupted", imported: 2, upToLine: 2, error: { code: "INPUT_INVALID" } });
    expect(report.error?.message).toContain("the upload broke off");
    const csv = await cut("csv", "id,email\ndan,dan@example.com\neve,eve@example.co");
    expect(csv.state).toBe("interrupted");
    expect((await idsIn(directory)).includes("eve")).toBe(false);
  });

  it("continues after the line that a failed store reported", async () => {
    const { directory } = memoryStores();
    let calls = 0;
    const failing: Directory = {
      ...directory,
      put: async (puts) => {
        calls += 1;
        if (calls === 3) throw new CarillonError("UNAVAILABLE", "the store is away");
        return directory.put(puts);
      },
    };
    const all = users(3_500);
    const report = await importing(failing, lines(...all));
    expect(report).toMatchObject({ state: "interrupted", imported: 2_000, upToLine: 2_000, error: { code: "UNAVAILABLE" } });
    expect(await importing(failing, lines(...all.slice(report.upToLine)))).toMatchObject({ state: "complete", imported: 1_500 });
    expect(await idsIn(directory)).toHaveLength(3_500);
  });

  it("reads no further than the store has come, and reports progress", async () => {
    const { directory } = memoryStores();
    let [read, stored, mostAhead] = [0, 0, 0];
    const slow: Directory = {
      ...directory,
      put: async (puts) => {
        mostAhead = Math.max(mostAhead, read - stored);
        const answers = await directory.put(puts);
        stored += puts.length;
        return answers;
      },
    };
    async function* chunks() {
      for (const user of users(5_000)) {
        read += 1;
        yield Buffer.from(lines(user));
      }
    }
    const progress: ImportProgress[] = [];
    await importUsers(slow, { tenant, format: "ndjson", chunks: chunks() }, { ...options, onProgress: (now) => progress.push(now) });
    expect(mostAhead).toBeLessThan(1_500);
    expect(progress.map(({ imported }) => imported)).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
  });

  it("lets the last line of a user count", async () => {
    const { directory } = memoryStores();
    await importing(directory, lines({ id: "ann", locale: "en" }, { id: "ben" }, { id: "ann", locale: "de" }));
    expect((await get(directory, "ann"))?.locale).toBe("de");
  });

  it("makes registrations the given ones, and leaves them if none are given", async () => {
    const { directory } = memoryStores();
    const pushOf = async () => (await get(directory, "ann"))?.addresses.push.map(({ address, app }) => [address, app]);
    await importing(
      directory,
      lines({ id: "ann", addresses: { push: ["t1", { address: "t2", app: "shop" }], http: "https://a.example/" } }),
    );
    expect(await pushOf()).toEqual([
      ["t1", null],
      ["t2", "shop"],
    ]);
    await importing(directory, lines({ id: "ann", addresses: { push: ["t2", "t3"], http: null } }));
    expect(await pushOf()).toEqual([
      ["t2", "shop"],
      ["t3", null],
    ]);
    await importing(directory, lines({ id: "ann" }));
    expect(await pushOf()).toHaveLength(2);
    expect((await get(directory, "ann"))?.addresses.http).toEqual([]);
  });

  it("reads CSV as spreadsheets write it", async () => {
    const { directory } = memoryStores();
    const rows = [
      "sep=;",
      "id;email;sms;push;timeZone;attributes.name;attributes.note",
      'ann;ann@example.com;+14155550100;"t1 t2";Europe/Paris;"Ann ""A"" Smith";"two\r\nlines"',
      ";;;;;;",
      "ben;ben;;;;;",
      "'=cem;;;;;1;",
      "dan;;;;;;;too many",
    ];
    const report = await importing(directory, `\ufeff${rows.join("\r\n")}`, "csv");
    expect(report).toMatchObject({ state: "complete", imported: 2, failedCount: 2 });
    expect(report.failed.map(({ line, errors }) => [line, errors[0]?.field])).toEqual([
      [6, "addresses.email"],
      [8, "line"],
    ]);
    const ann = await get(directory, "ann");
    expect(ann).toMatchObject({ timeZone: "Europe/Paris", attributes: { name: 'Ann "A" Smith', note: "two\r\nlines" } });
    expect(ann?.addresses.push.map(({ address }) => address)).toEqual(["t1", "t2"]);
    expect((await get(directory, "=cem"))?.attributes).toEqual({ name: "1" });
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ["an unknown column", "id,mail\nann,a@example.com\n", /column "mail", which users do not have/],
    ["a column twice", "id,id\nann,ann\n", /two columns id/],
    ["attributes as a whole and in parts", "id,attributes,attributes.a\n", /column attributes, and columns for its parts/],
    ["quotes that do not end", 'id,email\nann,"a\n', /is not CSV/],
    ["UTF-16", Buffer.from("id,email\n", "utf16le"), /is in UTF-16/],
  ])("refuses CSV with %s", async (_name, content, message) => {
    const { directory } = memoryStores();
    const report = await importing(directory, content, "csv");
    expect([report.state, report.imported, report.error?.code]).toEqual(["interrupted", 0, "INPUT_INVALID"]);
    expect(report.error?.message).toMatch(message);
  });

  it("lists the first thousand failed lines, and counts all", async () => {
    const { directory } = memoryStores();
    const report = await importing(directory, "{}\n".repeat(1_200));
    expect([report.failed.length, report.failedCount, report.upToLine]).toEqual([1_000, 1_200, 1_200]);
  });

  it("refuses a line of more than a megabyte and text that is not UTF-8", async () => {
    const { directory } = memoryStores();
    const long = `{"id":"${"x".repeat(1_100_000)}"}\n`;
    const content = Buffer.concat([
      Buffer.from(long),
      Buffer.from('{"id":"a'),
      Buffer.from([0xff]),
      Buffer.from(`"}\n${lines({ id: "ok" })}`),
    ]);
    const report = await importUsers(directory, { tenant, format: "ndjson", chunks: uploadOf(content, { pieceBytes: 65_536 }) }, options);
    expect(report.failed.map(({ line, errors }) => `${line} ${errors[0]?.field} ${errors[0]?.problem}`)).toEqual([
      "1 line is longer than 1024 KiB",
      "2 id is not well-formed Unicode",
    ]);
    expect(await idsIn(directory)).toEqual(["ok"]);
  });
});
