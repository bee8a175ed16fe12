import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { queryOfNextPage } from "../../reports/cursor.js";
import { mediaTypes } from "../../reports/export/formats.js";
import { parseExtendedObject, toExtended } from "../../reports/extended-json.js";
import type { Reports } from "../../reports/reports.js";
import { CarillonError } from "../../schemas/errors.js";
import type { CollectionName } from "../../stores/lineage-store/lineage-store.js";
import { addRoute, type RouteContract } from "../contract/route-contract.js";
import { answerReport } from "./answer-report.js";
import { aggregateDocuments, countDocuments, exportDocuments, getDocument, listDocuments } from "./contracts/report-contracts.js";
import { parametersOf } from "./parameters-of.js";

/** A request for the documents of a collection, with its valid parameters. It covers one tenant, or all if `tenant` is undefined. */
interface CollectionRequest<Parameters> {
  readonly reports: Reports;
  readonly collection: CollectionName;
  readonly given: Parameters;
  readonly tenant: string | undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A contract with parameters in its query. */
type Queried = RouteContract & { readonly query: z.ZodObject };

type Answer<Contract extends Queried> = (asked: CollectionRequest<z.output<Contract["query"]>>) => Promise<FastifyReply>;

const collectionOf = (reports: Reports, request: FastifyRequest): CollectionName => {
  const { collection } = request.params as { readonly collection: string };
  const found = reports.collections.find((name) => name === collection);
  if (!found)
    throw new CarillonError("NOT_FOUND", `unknown collection ${collection}`, {
      field: "collection",
      fix: `use one of ${reports.collections.join(", ")}`,
    });
  return found;
};

const json = (reply: FastifyReply, text: string): FastifyReply => reply.type("application/json; charset=utf-8").send(text);

const answerPage: Answer<typeof listDocuments> = async ({ reports, collection, given, tenant, request, reply }) => {
  const { documents, total, next } = await reports.page(collection, given, tenant);
  if (total !== undefined)
    reply.header("x-total-count", String(total)).header("x-total-pages", String(Math.ceil(total / Math.max(given.pagesize, 1))));
  if (next !== undefined) {
    const further = queryOfNextPage(request.query as Record<string, string | string[]>, next);
    reply.header("link", `</reports/${collection}?${further}>; rel="next"`);
  }
  return json(reply, toExtended(documents, given.jsonMode));
};

const answerExport: Answer<typeof exportDocuments> = async ({ reports, collection, given, tenant, reply }) => {
  const filters = given.filter.map((text) => parseExtendedObject("filter", text));
  const file = `${collection}-${new Date().toISOString().slice(0, 10)}.${given.format}`;
  const stream = reports.export(collection, { ...given, filter: filters.length === 0 ? {} : { $and: filters } }, tenant);
  // the first page is read before the answer starts, so that a refusal has its own status
  const first = await stream.next();
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    if (!first.done) yield first.value;
    yield* stream;
  };
  return reply.type(mediaTypes[given.format]).header("content-disposition", `attachment; filename="${file}"`).send(Readable.from(bytes()));
};

const answerSize: Answer<typeof countDocuments> = async ({ reports, collection, given, tenant, reply }) => {
  const filters = given.filter.map((text) => parseExtendedObject("filter", text));
  return reply.send({ _size: await reports.size(collection, filters, tenant) });
};

const answerAggregation: Answer<typeof aggregateDocuments> = async ({ reports, collection, given, tenant, request, reply }) => {
  const { name } = request.params as { readonly name: string };
  const { avars, jsonMode, ...page } = given;
  const variables = parseExtendedObject("avars", avars);
  return json(reply, toExtended(await reports.aggregate(collection, name, { ...page, variables }, tenant), jsonMode));
};

const answerDocument: Answer<typeof getDocument> = async ({ reports, collection, given, tenant, request, reply }) => {
  const { id } = request.params as { readonly id: string };
  const found = await reports.document(collection, id, given.keys, tenant);
  if (found === undefined)
    throw new CarillonError("NOT_FOUND", `${collection} has no document ${id}`, { field: "id", fix: "check the id" });
  return json(reply, toExtended(found, given.jsonMode));
};

/** Reports on a collection, in RESTHeart's conventions. */
export const collectionRoutes = (app: FastifyInstance, reports: Reports): void => {
  const get = <Contract extends Queried>(contract: Contract, answer: Answer<Contract>): void => {
    addRoute(app, contract, (request, reply) =>
      answerReport(request, reply, async (tenant) => {
        const collection = collectionOf(reports, request);
        const given = parametersOf<Contract["query"]>(contract.query, request.query, reply);
        return given && answer({ reports, collection, given, tenant, request, reply });
      }),
    );
  };
  get(listDocuments, answerPage);
  get(exportDocuments, answerExport);
  get(countDocuments, answerSize);
  get(aggregateDocuments, answerAggregation);
  get(getDocument, answerDocument);
};
