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

it.each([1, 5_000])("returns the %d records before one that is not CSV", async (count) => {
  const lines = Array.from({ length: count }, (_, index) => `user-${index},a@example.com\n`).join("");
  const bytes = Buffer.from(`id,email\n${lines}bad,a"b\nlater,b@example.com\n`);
  const chunks = (async function* () {
    yield bytes;
  })();
  const found: number[] = [];
  const read = async (): Promise<void> => {
    for await (const { number } of csvRowsOf({ name: "list", chunks, start: textStartOf(bytes), mostRecordBytes: 1_000 }))
      found.push(number);
  };
  await expect(read()).rejects.toMatchObject({ code: "INPUT_INVALID", message: expect.stringContaining(`line ${count + 2}`) });
  expect(found).toEqual(Array.from({ length: count + 1 }, (_, index) => index + 1));
});

it("returns the records before the end of a stream that broke off, without the one that was cut off", async () => {
  const lines = Array.from({ length: 3_500 }, (_, index) => `user-${index}\n`).join("");
  const head = Buffer.from(`id\n${lines}`);
  const chunks = (async function* () {
    yield Buffer.concat([head, Buffer.from("cut-o")]);
    throw new Error("aborted");
  })();
  const found: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { cells } of csvRowsOf({ name: "list", chunks, start: textStartOf(head), mostRecordBytes: 1_000 }))
      found.push(...cells);
  };
  await expect(read()).rejects.toThrow("aborted");
  expect([found.length, found.at(-1)]).toEqual([3_501, "user-3499"]);
});
