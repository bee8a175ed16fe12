import { parse } from "csv-parse/sync";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { exportPages } from "../../reports/export/export-pages.js";
import { encoderOf, type Format } from "../../reports/export/formats.js";
import { messageTable } from "../../reports/export/tables.js";
import type { MessageDocument } from "../../stores/lineage-store/lineage-store.js";
import { createMemoryLineage } from "../../stores/lineage-store/memory-lineage.js";

const acceptedAt = new Date("2026-11-21T10:00:00.123Z");

const document = (id: string, more: Partial<MessageDocument> = {}): MessageDocument => ({
  _id: id,
  tenant: "bank",
  channel: "sms",
  lane: "critical",
  to: "+919812345678",
  status: "delivered",
  final: true,
  reason: null,
  attempts: 2,
  provider: "kaleyra",
  template: "otp",
  country: "IN",
  region: "IN-KL",
  engagement: ["clicked", "opened"],
  costs: { INR: 12_500 },
  acceptedAt,
  notBefore: null,
  updatedAt: acceptedAt,
  sentAt: acceptedAt,
  finalAt: acceptedAt,
  expiresAt: null,
  lineage: [],
  version: 1,
  ...more,
});

const fileOf = (format: Format, pages: readonly (readonly MessageDocument[])[]): Buffer => {
  const encoder = encoderOf(format, messageTable);
  return Buffer.concat([...pages.map((page) => encoder.page(page)), encoder.end()]);
};

const pages = [[document("one"), document("two", { reason: "no_receipt", status: "expired", provider: null })], [document("three")]];

describe("exports", () => {
  it("writes CSV that spreadsheets take for text and numbers, never for formulas", () => {
    const file = fileOf("csv", [...pages, [document('=1+1,"x"', { template: "=HYPERLINK(1)", to: "-cmd" })]]).toString();
    const lines = file.split("\r\n");
    expect(lines[0]).toMatch(/^"id","acceptedAt","tenant","channel","lane","to","template"/);
    expect(lines[1]).toBe(
      '"one","2026-11-21T10:00:00.123Z","bank","sms","critical","+919812345678","otp","IN","IN-KL","delivered",true,,2,"kaleyra","clicked opened",,"2026-11-21T10:00:00.123Z","2026-11-21T10:00:00.123Z",,"{""INR"":0.0125}"',
    );
    expect(lines).toHaveLength(6);
    expect(lines[4]).toContain("'=1+1");
    expect(lines[4]).toContain("'=HYPERLINK(1)");
    expect(lines[4]).toContain("'-cmd");
    expect(fileOf("csv", []).toString()).toMatch(/^"id","acceptedAt"/);
  });

  it.each([
    ["a lone line feed", "a\nb", "a\nb"],
    ["a lone carriage return", "a\rb", "a\rb"],
    ["a formula on its second line", "a\n=1+1", "a\n'=1+1"],
    ["a formula after a carriage return", "a\r@SUM(A1)", "a\r'@SUM(A1)"],
    ["a formula after both", "a\r\n-cmd|' /C calc'!A0", "a\r\n'-cmd|' /C calc'!A0"],
    ["a formula after a line separator", "a\u2028=1", "a\u2028'=1"],
    ["a formula in full width", "\uFF1D1+1", "'\uFF1D1+1"],
    ["a tab before a formula", "\t=1", "'\t=1"],
    ["quotes and commas", 'say "hi", twice', 'say "hi", twice'],
    ["blanks around it", "  a  ", "  a  "],
    ["a number with its sign", "-12.5", "-12.5"],
    ["nothing but quotes", '""', '""'],
  ])("keeps a cell with %s whole, and harmless", (_, given, wanted) => {
    const rows = parse(fileOf("csv", [[document("one", { template: given }), document("two")]]), { columns: true }) as Record<
      string,
      string
    >[];
    expect(rows).toHaveLength(2);
    expect(rows[0]?.template).toBe(wanted);
    expect(rows[0]?.country).toBe("IN");
  });

  it("writes NDJSON that holds all of a document", () => {
    const lines = fileOf("ndjson", pages).toString().trim().split("\n");
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({
      _id: "two",
      status: "expired",
      acceptedAt: { $date: "2026-11-21T10:00:00.123Z" },
      provider: null,
    });
  });

  it("writes Parquet that an independent reader reads, a row group a page", async () => {
    const file = fileOf("parquet", pages);
    const rows = await parquetReadObjects({ file: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer });
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ id: "one", to: "+919812345678", attempts: 2n, final: true, acceptedAt, region: "IN-KL" });
    expect(rows[1]).toMatchObject({ reason: "no_receipt", provider: null });
    const empty = fileOf("parquet", []);
    expect(
      await parquetReadObjects({ file: empty.buffer.slice(empty.byteOffset, empty.byteOffset + empty.byteLength) as ArrayBuffer }),
    ).toEqual([]);
  });

  it("reads each document once, in order, and goes on where it was broken off", async () => {
    const store = createMemoryLineage();
    const ids = Array.from({ length: 2_500 }, (_, index) => `m-${String(index).padStart(5, "0")}`);
    await store.append(
      ids.map((id, index) => ({
        partition: 0,
        offset: index,
        event: {
          eventId: `${id}:accept`,
          messageId: id,
          tenant: "bank",
          channel: "sms",
          lane: "high",
          stage: "accept" as const,
          outcome: "accepted",
          status: "accepted" as const,
          reason: null,
          attempt: 0,
          at: acceptedAt.getTime() + Math.floor(index / 100),
          instance: "test",
          provider: null,
          to: "+919812345678",
          details: {},
        },
      })),
    );
    const question = { collection: "messages_sms", filter: {}, before: new Date(acceptedAt.getTime() + 60_000), lineage: false } as const;
    const seen: string[] = [];
    let cursor: string | undefined;
    for await (const page of exportPages(store, question)) {
      seen.push(...page.documents.map(({ _id }) => _id));
      cursor = page.cursor;
      break; // the connection breaks
    }
    for await (const page of exportPages(store, { ...question, after: cursor })) seen.push(...page.documents.map(({ _id }) => _id));
    expect(seen).toEqual(ids);
    const after = `${new Date(acceptedAt.getTime() + 24).toISOString()},m-02497`;
    const rest: string[] = [];
    for await (const page of exportPages(store, { ...question, after })) rest.push(...page.documents.map(({ _id }) => _id));
    expect(rest).toEqual(["m-02498", "m-02499"]);
  });
});
