import type { Config } from "../config/schema.js";
import { maskOf } from "../config/secrets.js";
import { CarillonError } from "../schemas/errors.js";
import type { Clock } from "../stores/clock.js";
import { createCalendar } from "../stores/lineage-store/calendar.js";
import { type CollectionName, collectionNames, type Filter, type LineageReader } from "../stores/lineage-store/lineage-store.js";
import { assertPipeline } from "../stores/lineage-store/query/query-rules.js";
import { type AggregationPage, bindVariables, builtIn, type NamedAggregation, parsePipeline } from "./aggregations.js";
import { type AskedParameters, answerPage, askedOf, keysOf, ownOf, type Page } from "./asked.js";
import { exportPages } from "./export/export-pages.js";
import { encoderOf, type Format } from "./export/formats.js";
import { tableFor } from "./export/tables.js";
import { withoutSecrets } from "./export/without-secrets.js";
import { type Found, type SearchParameters, search } from "./search.js";
import { type Summary, type SummaryParameters, summarize } from "./summary.js";
import { inTurns, type Turns } from "./turns.js";
import { type Usage, type UsageParameters, usageOf } from "./usage.js";

/** The queries of analysts and of the console. `tenant`: restricts them to this tenant's data; undefined: all data. */
export interface Reports {
  readonly collections: readonly CollectionName[];
  readonly aggregations: ReadonlyMap<string, NamedAggregation>;
  page(collection: CollectionName, given: AskedParameters, tenant: string | undefined): Promise<Page>;
  size(collection: CollectionName, filters: readonly Filter[], tenant: string | undefined): Promise<number>;
  aggregate(
    collection: CollectionName,
    name: string,
    given: AggregationPage & { readonly variables: Readonly<Record<string, unknown>> },
    tenant: string | undefined,
  ): Promise<readonly unknown[]>;
  /** The document with this id; undefined if there is none or it belongs to another tenant. */
  document(collection: CollectionName, id: string, keys: readonly string[], tenant: string | undefined): Promise<unknown>;
  /** A file of all matches, oldest first, page by page. */
  export(collection: CollectionName, given: ExportGiven, tenant: string | undefined): AsyncGenerator<Uint8Array>;
  search(given: SearchParameters, tenant: string | undefined): Promise<Found>;
  summarize(given: SummaryParameters, tenant: string | undefined): Promise<Summary>;
  usage(given: UsageParameters, tenant: string | undefined): Promise<Usage>;
}

export interface ExportGiven {
  readonly format: Format;
  readonly filter: Filter;
  readonly lineage: boolean;
  readonly after?: string | undefined;
}

/** Most documents in an aggregation's answer. */
const mostRows = 10_000;

const configured = (config: Config): readonly (readonly [string, NamedAggregation])[] =>
  Object.entries(config.reports.aggregations).map(([name, { collections, pipeline, doc }]) => [
    name,
    { doc, collections, pipeline: parsePipeline(`reports.aggregations.${name}.pipeline`, pipeline) },
  ]);

/** `turns`: shares the reader among tenants; without it, queries run immediately. */
export const createReports = (config: Config, reader: LineageReader, clock: Pick<Clock, "now">, turns?: Turns): Reports => {
  const calendar = createCalendar(config.reports.timeZone);
  const aggregations = new Map([...Object.entries(builtIn), ...configured(config)]);
  const mask = maskOf(config);
  const scope = (tenant: string | undefined) => ({ tenant, nowMs: clock.now(), calendar });
  const readerOf = (tenant: string | undefined): LineageReader => (turns ? inTurns(reader, turns, tenant) : reader);
  return {
    collections: collectionNames,
    aggregations,
    page: (collection, given, tenant) =>
      answerPage(readerOf(tenant), collection, askedOf(collection, given), { tenant, count: given.count }),
    size: (collection, filters, tenant) => readerOf(tenant).count(collection, ownOf(filters.length === 0 ? {} : { $and: filters }, tenant)),
    document: async (collection, id, keys, tenant) => {
      const [found] = await readerOf(tenant).query(collection, ownOf({ _id: id }, tenant), { limit: 1, keys: keysOf(keys) });
      return found;
    },
    aggregate: async (collection, name, { variables, ...page }, tenant) => {
      const named = aggregations.get(name);
      if (!named?.collections.includes(collection))
        throw new CarillonError("NOT_FOUND", `${collection} has no aggregation ${name}`, { fix: "see GET /reports for the list" });
      const pipeline = [...(tenant === undefined ? [] : [{ $match: { tenant } }]), ...bindVariables(named.pipeline, variables, page)];
      assertPipeline(pipeline);
      return readerOf(tenant).aggregate(collection, [...pipeline, { $limit: mostRows }]);
    },
    export: async function* (collection, { format, filter, lineage, after }, tenant) {
      const encoder = encoderOf(format, tableFor(collection), after !== undefined);
      const question = { collection, filter: ownOf(filter, tenant), after, before: new Date(clock.now()), lineage };
      for await (const { documents } of exportPages(readerOf(tenant), question))
        yield encoder.page(documents.map((document) => withoutSecrets(document, mask)));
      yield encoder.end();
    },
    search: (given, tenant) => search(readerOf(tenant), given, scope(tenant)),
    summarize: (given, tenant) => summarize(readerOf(tenant), given, scope(tenant)),
    usage: (given, tenant) => usageOf(readerOf(tenant), given, scope(tenant)),
  };
};
