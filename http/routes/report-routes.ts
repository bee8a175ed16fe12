import type { FastifyInstance } from "fastify";
import { decide } from "../../access/decide.js";
import { viewOf } from "../../operations/message-view.js";
import { variablesOf } from "../../reports/aggregations.js";
import { encoderOf, mediaTypes } from "../../reports/export/formats.js";
import { summaryTable, usageTable } from "../../reports/export/tables.js";
import type { Reports } from "../../reports/reports.js";
import { searchParameters } from "../../reports/search.js";
import { summaryParameters } from "../../reports/summary.js";
import { CarillonError } from "../../schemas/errors.js";
import { refusedQuery } from "../../stores/lineage-store/query/refused-query.js";
import { identityOf } from "../access/access.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import { answerReport } from "./answer-report.js";
import { getUsage, listMessages, listReports, searchMessages, summarize } from "./contracts/report-contracts.js";
import { parametersOf } from "./parameters-of.js";

/** Lists the reports, and answers those with simple parameters. */
export const reportRoutes = (app: FastifyInstance, reports: Reports): void => {
  addRoute(app, listReports, (request, reply) =>
    answerReport(request, reply, async () =>
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

  addRoute(app, summarize, (request, reply) =>
    answerReport(request, reply, async (tenant) => {
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

  addRoute(app, getUsage, (request, reply) =>
    answerReport(request, reply, async (own) => {
      const given = parametersOf(getUsage.query, request.query, reply);
      if (!given) return undefined;
      const { tenant = own, format, ...question } = given;
      const decision = tenant === undefined ? undefined : decide(identityOf(request).principal, tenant, "read");
      if (decision?.allowed === false) throw new CarillonError("FORBIDDEN", decision.detail);
      const usage = await reports.usage(question, tenant);
      if (format === "json") return reply.send({ ...usage, cursor: null });
      const encoder = encoderOf("csv", usageTable);
      const bytes = Buffer.concat([encoder.page(usage.items), encoder.end()]);
      return reply.type(mediaTypes.csv).header("content-disposition", 'attachment; filename="carillon-usage.csv"').send(bytes);
    }),
  );

  for (const contract of [searchMessages, listMessages])
    addRoute(app, contract, (request, reply) =>
      answerReport(request, reply, async (tenant) => {
        const given = parametersOf(searchParameters, request.query, reply);
        if (!given) return undefined;
        const { messages, next } = await reports.search(given, tenant);
        const views = messages.map((document) => {
          const { lineage, ...view } = viewOf({ ...document, lineage: [] });
          return view;
        });
        return reply.send(listOf(views, next));
      }),
    );
};
