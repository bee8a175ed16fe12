import { describe, expect, it } from "vitest";
import { type CsvRow, csvRowsOf, isUtf16, textStartOf } from "../../wire/csv-rows.js";

async function* piecesOf(text: string, bytes = 3): AsyncGenerator<Buffer> {
  const all = Buffer.from(text);
  for (let from = 0; from < all.length; from += bytes) yield all.subarray(from, from + bytes);
}

const rowsOf = async (text: string): Promise<readonly CsvRow[]> => {
  const start = textStartOf(Buffer.from(text));
  const rows: CsvRow[] = [];
  for await (const row of csvRowsOf({ name: "the file", chunks: piecesOf(text), start, mostRecordBytes: 1_000 })) rows.push(row);
  return rows;
};

describe("rows of CSV", () => {
  it("have the numbers of their first lines", async () => {
    const rows = await rowsOf('a,b\r\n1,"two\r\nlines"\r\n\r\n3,\r\n"4","q""uote"');
    expect(rows).toEqual([
      { number: 1, cells: ["a", "b"] },
      { number: 2, cells: ["1", "two\r\nlines"] },
      { number: 5, cells: ["3", ""] },
      { number: 6, cells: ["4", 'q"uote'] },
    ]);
  });

  it.each([
    ["a;b\n1;2", ";"],
    ["sep=|\na|b\n1|2", "|"],
    ["a\tb\n1\t2", "\t"],
    ['"x;y;z",b\n1,2', ","],
  ])("of %j have the delimiter %j", async (text, delimiter) => {
    expect(textStartOf(Buffer.from(text)).delimiter).toBe(delimiter);
    expect((await rowsOf(text)).at(-1)?.cells).toEqual(["1", "2"]);
  });

  it("are refused if quotes do not end, or a record is too long", async () => {
    const refused = expect.objectContaining({ code: "INPUT_INVALID", message: expect.stringContaining("the file is not CSV") });
    await expect(rowsOf('a\n"b')).rejects.toThrow(refused);
    await expect(rowsOf(`a\n${"x".repeat(2_000)}`)).rejects.toThrow(refused);
  });

  it("are not looked for in UTF-16", () => {
    expect([Buffer.from("a,b", "utf16le"), Buffer.from([0xff, 0xfe]), Buffer.from("a,b")].map(isUtf16)).toEqual([true, true, false]);
  });
});
