import { z } from "zod";
import type { EncryptionView, Rewrapped } from "../../operations/encryption-keys.js";
import { cursorOf } from "../../reports/cursor.js";
import type { ExportPage } from "../../reports/export/export-pages.js";
import { fromExtended } from "../../reports/extended-json.js";
import type { Summary } from "../../reports/summary.js";
import type { Usage } from "../../reports/usage.js";
import { CarillonError } from "../../schemas/errors.js";
import type { CollectionName, DocumentOf } from "../../stores/lineage-store/lineage-store.js";
import type { Analysis, ErasureReport, PageQuestion, Privacy } from "../deployment/deployment.js";
import type { Connection } from "./connection.js";

const usageShape = z.looseObject({ items: z.array(z.looseObject({ day: z.string(), messages: z.number() })), timeZone: z.string() });
const summaryShape = z.looseObject({ rows: z.array(z.looseObject({})), total: z.looseObject({}), unit: z.string() });
const sizeShape = z.looseObject({ _size: z.number() });
const documentsShape = z.looseObject({ documents: z.number() });
const countShape = z.looseObject({ messages: z.number() });
const erasureShape = z.looseObject({ erased: z.looseObject({ messages: z.number(), complete: z.boolean() }), at: z.string() });
const countsShape = z.looseObject({ current: z.number(), older: z.number(), unreadable: z.number() });
const encryptionShape = z.looseObject({ active: z.string().nullable(), keys: z.array(z.string()), tenantSecrets: countsShape });
const rewrappedShape = z.looseObject({
  documents: z.number(),
  tenantSecrets: z.number(),
  active: z.string().nullable(),
  keepMs: z.number(),
});

const pageSize = 1_000;

/** Rejections of a count that is only too slow. */
const slow: readonly string[] = ["FILTER_TOO_SLOW", "BUSY", "DEADLINE_PASSED"];

const isDocument = (value: unknown, field: string): value is Readonly<Record<string, unknown>> & { readonly _id: string } =>
  typeof value === "object" && value !== null && "_id" in value && (value as Readonly<Record<string, unknown>>)[field] instanceof Date;

const pageOf = <Name extends CollectionName>(documents: readonly DocumentOf<Name>[], cursor: string): ExportPage<Name> => ({
  documents,
  cursor,
});

/** The pages of an export: NDJSON from the server, whatever the output format. */
const pagesOf = async function* <Name extends CollectionName>(
  connection: Connection,
  { collection, filter, after, before, lineage }: PageQuestion<Name>,
): AsyncGenerator<ExportPage<Name>> {
  const field = collection.startsWith("messages_") ? "acceptedAt" : "from";
  const bound = JSON.stringify({ [field]: { $lt: { $date: before.toISOString() } } });
  const filters = filter === undefined ? [bound] : [filter, bound];
  const query = { format: "ndjson", filter: filters, lineage: String(lineage), after };
  let documents: DocumentOf<Name>[] = [];
  let cursor = "";
  for await (const line of connection.lines({ path: `/reports/${collection}/_export`, query })) {
    const document = fromExtended(line);
    if (!isDocument(document, field)) throw new CarillonError("SERVER_INCOMPATIBLE", "the server sent a document in an unknown form");
    documents.push(document as unknown as DocumentOf<Name>);
    cursor = cursorOf({ atMs: (document[field] as Date).getTime(), id: document._id });
    if (documents.length < pageSize) continue;
    yield pageOf<Name>(documents, cursor);
    documents = [];
  }
  if (documents.length > 0) yield pageOf<Name>(documents, cursor);
};

export const remoteAnalysis = (connection: Connection): Analysis => ({
  usage: (parameters) => connection.ask<Usage>({ path: "/v1/usage", query: parameters }, usageShape),
  summarize: (parameters) => connection.ask<Summary>({ path: "/reports/summary", query: parameters }, summaryShape),
  count: async (collection, filter) => {
    try {
      return (await connection.ask<{ _size: number }>({ path: `/reports/${collection}/_size`, query: { filter } }, sizeShape))._size;
    } catch (error) {
      if (error instanceof CarillonError && slow.includes(error.code)) return undefined;
      throw error;
    }
  },
  pages: (question) => pagesOf(connection, question),
  rebuild: async (onProgress) =>
    (await connection.work<{ documents: number }>({ method: "POST", path: "/v1/rollups/rebuild", body: {} }, documentsShape, onProgress))
      .documents,
});

export const remotePrivacy = (connection: Connection): Privacy => ({
  count: async (recipient) =>
    (await connection.ask<{ messages: number }>({ method: "POST", path: "/v1/erasures/count", body: recipient }, countShape)).messages,
  erase: (request, onProgress) =>
    connection.work<ErasureReport>({ method: "POST", path: "/v1/erasures", body: request }, erasureShape, onProgress),
  encryption: () => connection.ask<EncryptionView>({ path: "/v1/encryption" }, encryptionShape),
  rewrap: (onProgress) =>
    connection.work<Rewrapped>({ method: "POST", path: "/v1/encryption/rewrap", body: {} }, rewrappedShape, onProgress),
});
