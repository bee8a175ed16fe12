import { encryptionView, rewrapStores } from "../../operations/encryption-keys.js";
import { countRecipient, eraseRecipient } from "../../operations/erasure.js";
import { type ExportPage, exportPages } from "../../reports/export/export-pages.js";
import { parseExtendedObject } from "../../reports/extended-json.js";
import { createReports } from "../../reports/reports.js";
import { summaryParameters } from "../../reports/summary.js";
import { usageParameters } from "../../reports/usage.js";
import { CarillonError } from "../../schemas/errors.js";
import { systemClock } from "../../stores/clock.js";
import type { CollectionName, Filter } from "../../stores/lineage-store/lineage-store.js";
import type { Analysis, PageQuestion, Privacy } from "../deployment/deployment.js";
import type { LocalStores } from "./opened.js";

const filterOf = (text: string | undefined): Filter => (text === undefined ? {} : parseExtendedObject("filter", text));

const pagesOf = async function* <Name extends CollectionName>(
  local: LocalStores,
  { collection, filter, after, before, lineage }: PageQuestion<Name>,
): AsyncGenerator<ExportPage<Name>> {
  const { reports } = await local.stores();
  yield* exportPages(reports, { collection, filter: filterOf(filter), after, before, lineage });
};

export const localAnalysis = (local: LocalStores): Analysis => ({
  summarize: async (parameters) => {
    const { lineage } = await local.stores();
    return createReports(local.config, lineage, systemClock).summarize(summaryParameters.parse(parameters), undefined);
  },
  usage: async ({ tenant, ...parameters }) => {
    const { lineage } = await local.stores();
    return createReports(local.config, lineage, systemClock).usage(usageParameters.parse(parameters), tenant);
  },
  count: async (collection, filter) => {
    const wanted = filterOf(filter);
    try {
      return await (await local.stores()).reports.count(collection, wanted);
    } catch (error) {
      if (error instanceof CarillonError && error.code === "FILTER_REFUSED") throw error;
      return undefined;
    }
  },
  pages: (question) => pagesOf(local, question),
  rebuild: async (onProgress) => (await local.stores()).lineage.recount(onProgress),
});

export const localPrivacy = (local: LocalStores): Privacy => {
  const { config } = local;
  return {
    count: async (recipient) => countRecipient(await local.stores(), recipient),
    erase: async (request, onProgress) => {
      const { stores, assembly } = await local.prepared();
      const tools = { config, stores, assembly, letters: await local.letters(), clock: systemClock };
      const erased = await eraseRecipient(tools, { ...request, onProgress });
      const { retentionMs, deadLetterRetentionMs } = config.topics;
      return { erased, at: new Date(systemClock.now()).toISOString(), retentionMs, deadLetterRetentionMs };
    },
    encryption: async () => encryptionView(config, await local.stores()),
    rewrap: async (onProgress) => rewrapStores(config, await local.stores(), onProgress),
  };
};
