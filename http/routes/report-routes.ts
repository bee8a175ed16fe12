import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { viewOf } from "../../operations/message-view.js";
import { variablesOf } from "../../reports/aggregations.js";
import {
  aggregationParameters,
  askedParameters,
  documentParameters,
  exportParameters,
  queryOfNextPage,
  sizeParameters,
} from "../../reports/asked.js";
import { encoderOf, mediaTypes } from "../../reports/export/formats.js";
import { summaryTable } from "../../reports/export/tables.js";
import { parseExtendedObject, toExtended } from "../../reports/extended-json.js";
import type { Reports } from "../../reports/reports.js";
import { searchParameters } from "../../reports/search.js";
import { summaryParameters } from "../../reports/summary.js";
import { CarillonError } from "../../schemas/errors.js";
import type { CollectionName } from "../../stores/lineage-store/lineage-store.js";
import { refusedQuery } from "../../stores/lineage-store/query/refused-query.js";
import { identityOf } from "../access/access.js";
import type { Identity } from "../access/api-key.js";
import { answerRefusal } from "../refusals.js";
import { parametersOf } from "./parameters-of.js";

/** All tenants for operators, else the key's own tenant. */
export const scopeOf = ({ tenant, operator }: Identity): string | undefined => (operator ? undefined : tenant);

const forTenants = { config: { access: "tenant" } } as const;

/** Reports in RESTHeart's conventions, and with simple parameters. */
export const reportRoutes = (app: FastifyInstance, reports: Reports): void => {
  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    work: (tenant: string | undefined) => Promise<FastifyReply | undefined>,
  ): Promise<FastifyReply> => {
    try {
      return (await work(scopeOf(identityOf(request)))) ?? reply;
    } catch (error) {
      return answerRefusal(reply, error);
    }
  };
  const collectionOf = (request: FastifyRequest): CollectionName => {
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

  app.get("/reports", forTenants, (request, reply) =>
    answer(request, reply, async () =>
      reply.send({
        collections: reports.collections,
        aggregations: [...reports.aggregations].map(([name, { doc, collections, pipeline }]) => ({
          name,
          doc,
          collections,
          variables: variablesOf(pipeline),
        })),
        friendly: { "/reports/summary": Object.keys(summaryParameters.shape), "/reports/messages": Object.keys(searchParameters.shape) },
      }),
    ),
  );

  app.get("/reports/summary", forTenants, (request, reply) =>
    answer(request, reply, async (tenant) => {
      const { format, ...question } = (request.query ?? {}) as Record<string, string>;
      const given = parametersOf(summaryParameters, question, reply);
      if (!given) return undefined;
      const summary = await reports.summarize(given, tenant);
      if (format === undefined) return reply.send(summary);
      if (format !== "csv") throw refusedQuery("format", "is not csv", "give csv, or leave it out");
      const encoder = encoderOf("csv", summaryTable(given.by));
      const bytes = Buffer.concat([encoder.page(summary.rows), encoder.end()]);
      return reply.type(mediaTypes.csv).header("content-disposition", 'attachment; filename="carillon-summary.csv"').send(bytes);
    }),
  );

  app.get("/reports/messages", forTenants, (request, reply) =>
    answer(request, reply, async (tenant) => {
      const given = parametersOf(searchParameters, request.query, reply);
      if (!given) return undefined;
      const { messages, next } = await reports.search(given, tenant);
      return reply.send({
        messages: messages.map((document) => {
          const { lineage, ...view } = viewOf({ ...document, lineage: [] });
          return view;
        }),
        next,
      });
    }),
  );

  app.get("/reports/:collection", forTenants, (request, reply) =>
    answer(request, reply, async (tenant) => {
      const collection = collectionOf(request);
      const given = parametersOf(askedParameters, request.query, reply);
      if (!given) return undefined;
      const { documents, total, next } = await reports.page(collection, given, tenant);
      if (total !== undefined)
        reply.header("x-total-count", String(total)).header("x-total-pages", String(Math.ceil(total / Math.max(given.pagesize, 1))));
      if (next !== undefined) {
        const further = queryOfNextPage(request.query as Record<string, string | string[]>, next);
        reply.header("link", `</reports/${collection}?${further}>; rel="next"`);
      }
      return json(reply, toExtended(documents, given.jsonMode));
    }),
  );

  app.get("/reports/:collection/_export", forTenants, (request, reply) =>
    answer(request, reply, async (tenant) => {
      const collection = collectionOf(request);
      const given = parametersOf(exportParameters, request.query, reply);
      if (!given) return undefined;
      const filters = given.filter.map((text) => parseExtendedObject("filter", text));
      const file = `${collection}-${new Date().toISOString().slice(0, 10)}.${given.format}`;
      const stream = reports.export(collection, { ...given, filter: filters.length === 0 ? {} : { $and: filters } }, tenant);
      // the first page is read before the answer starts, so that a refusal has its own status
      const first = await stream.next();
      const bytes = async function* (): AsyncGenerator<Uint8Array> {
        if (!first.done) yield first.value;
        yield* stream;
      };
      return reply
        .type(mediaTypes[given.format])
        .header("content-disposition", `attachment; filename="${file}"`)
        .send(Readable.from(bytes()));
    }),
  );

  app.get("/reports/:collection/_size", forTenants, (request, reply) =>
    answer(request, reply, async (tenant) => {
      const collection = collectionOf(request);
      const given = parametersOf(sizeParameters, request.query, reply);
      if (!given) return undefined;
      const filters = given.filter.map((text) => parseExtendedObject("filter", text));
      return reply.send({ _size: await reports.size(collection, filters, tenant) });
    }),
  );

  app.get<{ Params: { name: string } }>("/reports/:collection/_aggrs/:name", forTenants, (request, reply) =>
    answer(request, reply, async (tenant) => {
      const collection = collectionOf(request);
      const given = parametersOf(aggregationParameters, request.query, reply);
      if (!given) return undefined;
      const { avars, jsonMode, ...page } = given;
      const variables = parseExtendedObject("avars", avars);
      return json(reply, toExtended(await reports.aggregate(collection, request.params.name, { ...page, variables }, tenant), jsonMode));
    }),
  );

  app.get<{ Params: { id: string } }>("/reports/:collection/:id", forTenants, (request, reply) =>
    answer(request, reply, async (tenant) => {
      const collection = collectionOf(request);
      const given = parametersOf(documentParameters, request.query, reply);
      if (!given) return undefined;
      const { id } = request.params;
      const found = await reports.document(collection, id, given.keys, tenant);
      if (found === undefined)
        throw new CarillonError("NOT_FOUND", `${collection} has no document ${id}`, { field: "id", fix: "check the id" });
      return json(reply, toExtended(found, given.jsonMode));
    }),
  );
};
