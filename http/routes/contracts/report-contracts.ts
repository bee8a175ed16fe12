import { z } from "zod";
import { aggregationParameters, askedParameters, documentParameters, exportParameters, sizeParameters } from "../../../reports/asked.js";
import { mediaTypes } from "../../../reports/export/formats.js";
import { searchParameters } from "../../../reports/search.js";
import { summaryParameters } from "../../../reports/summary.js";
import { usageParameters } from "../../../reports/usage.js";
import { collectionNames } from "../../../stores/lineage-store/lineage-store.js";
import { file, json, orElse, problem, text } from "../../contract/answers.js";
import { listSchema } from "../../contract/list.js";
import { defineRoute } from "../../contract/route-contract.js";
import { messageSummarySchema } from "../../contract/schemas/message-schemas.js";
import { documentSchema, reportsSchema, summarySchema, usageSchema } from "../../contract/schemas/report-schemas.js";

const report = { method: "GET", access: "tenant", tag: "reports" } as const;
const disposition = { "Content-Disposition": { description: "The name of the file", schema: z.string() } };
/** The handler checks it, because its error lists the collections. */
const collection = z.string().meta({ parameter: { type: "string", enum: collectionNames } });
const params = z.strictObject({ collection });
const exportTypes = Object.values(mediaTypes).map((type) => type.split(";")[0] ?? type);
/** Checked by the handler, whose error names the only format. */
const csv = z
  .string()
  .optional()
  .meta({ parameter: { type: "string", enum: ["csv"] }, description: "give csv, or leave it out" });
const unknownCollection = problem("There is no such collection");

export const listReports = defineRoute({
  ...report,
  url: "/reports",
  id: "listReports",
  summary: "List the collections and the aggregations",
  answers: { 200: json(reportsSchema, "What can be queried") },
});

export const summarize = defineRoute({
  ...report,
  url: "/reports/summary",
  id: "getSummary",
  summary: "Count messages by time and dimension",
  query: z.strictObject({ ...summaryParameters.shape, format: csv }),
  answers: {
    200: orElse(json(summarySchema, "The counts"), text("text/csv", "The same as CSV, with format=csv")),
  },
});

export const getUsage = defineRoute({
  ...report,
  url: "/v1/usage",
  id: "getUsage",
  summary: "Count the messages of each day, tenant and channel",
  description: "Whole days in the time zone of the reports. A key with the scope operate sees all tenants, or the one that it names.",
  query: z.strictObject({
    ...usageParameters.shape,
    tenant: z.string().min(1).max(128).optional().describe("give the id of a tenant"),
    format: z.enum(["csv", "json"]).default("json").describe("give csv or json"),
  }),
  answers: {
    200: orElse(json(usageSchema, "The counts"), text("text/csv", "The same as CSV, with format=csv")),
    403: problem("The key lacks the scope read or, for another tenant, operate"),
  },
});

export const searchMessages = defineRoute({
  ...report,
  url: "/reports/messages",
  id: "searchMessages",
  summary: "Find messages of all channels",
  description: "Newest first.",
  query: searchParameters,
  answers: { 200: json(listSchema(messageSummarySchema), "The messages found") },
});

export const listMessages = defineRoute({
  access: "tenant",
  method: "GET",
  tag: "messages",
  url: "/v1/messages",
  id: "listMessages",
  summary: "List messages, and filter them",
  description: "Newest first. A message appears once its acceptance has reached the lineage store.",
  query: searchParameters,
  answers: { 200: json(listSchema(messageSummarySchema), "The messages") },
});

export const listDocuments = defineRoute({
  ...report,
  url: "/reports/:collection",
  id: "listDocuments",
  summary: "Query a collection",
  description: "In RESTHeart's conventions.",
  params,
  query: askedParameters,
  answers: {
    200: json(z.array(documentSchema), "The documents of the page", {
      Link: { description: "The next page, with rel=next; in the default order only", schema: z.string(), always: false },
      "X-Total-Count": { description: "Number of matches, with count=true", schema: z.string(), always: false },
      "X-Total-Pages": { description: "Number of pages, with count=true", schema: z.string(), always: false },
    }),
    404: unknownCollection,
  },
});

export const exportDocuments = defineRoute({
  ...report,
  url: "/reports/:collection/_export",
  id: "exportDocuments",
  summary: "Export a collection as a file",
  description: "A stream of all matches, oldest first.",
  params,
  query: exportParameters,
  answers: { 200: file(exportTypes, "The file, in the given format", disposition), 404: unknownCollection },
});

export const countDocuments = defineRoute({
  ...report,
  url: "/reports/:collection/_size",
  id: "countDocuments",
  summary: "Count the documents of a collection",
  params,
  query: sizeParameters,
  answers: { 200: json(z.strictObject({ _size: z.number().int() }), "The number of matches"), 404: unknownCollection },
});

export const aggregateDocuments = defineRoute({
  ...report,
  url: "/reports/:collection/_aggrs/:name",
  id: "aggregateDocuments",
  summary: "Run a named aggregation",
  params: z.strictObject({ collection, name: z.string() }),
  query: aggregationParameters,
  answers: { 200: json(z.array(documentSchema), "The rows"), 404: problem("There is no such collection or aggregation") },
});

export const getDocument = defineRoute({
  ...report,
  url: "/reports/:collection/:id",
  id: "getDocument",
  summary: "Get a document of a collection",
  params: z.strictObject({ collection, id: z.string() }),
  query: documentParameters,
  answers: { 200: json(documentSchema, "The document"), 404: problem("There is no such collection or document") },
});
