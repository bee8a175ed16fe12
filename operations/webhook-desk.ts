import type { Config } from "../config/schema.js";
import { readRecord } from "../engine/runtime/read-record.js";
import { CarillonError } from "../schemas/errors.js";
import { enableWebhook, readWebhookState, type WebhookState } from "../sinks/webhooks/endpoint.js";
import type { Clock } from "../stores/clock.js";
import type { Stores } from "../stores/stores.js";
import { namesOf } from "../topology/names.js";
import type { DeliveryParts } from "./delivery-parts.js";
import type { Watch } from "./watch.js";

/** A tenant's webhook and how it is, as plain data. */
export interface WebhookView {
  readonly tenant: string;
  /** Host of its address; the rest may be secret. */
  readonly host: string;
  readonly kinds: readonly string[];
  /** Null while it works. */
  readonly state: WebhookState | null;
}

export const webhookViews = (config: Config, cells: Stores["cells"]): Promise<readonly WebhookView[]> =>
  Promise.all(
    Object.entries(config.webhooks.tenants).map(async ([tenant, { url, kinds }]) => ({
      tenant,
      host: new URL(url).host,
      kinds,
      state: (await readWebhookState(cells, tenant)) ?? null,
    })),
  );

export interface EnableQuestion {
  readonly tenant: string;
  /** Sends everything since then again, in milliseconds since 1970 UTC; undefined: nothing. */
  readonly replayFromMs?: number | undefined;
}

interface Tools {
  readonly config: Config;
  readonly stores: Stores;
  readonly assembly: DeliveryParts;
  readonly clock: Clock;
}

const bite = 500;

/** Sends a tenant's webhook all feedback since then again. Resolves with how much. */
const replay = async ({ config, stores, assembly, clock }: Tools, tenant: string, sinceMs: number, watch: Watch): Promise<number> => {
  const { topicOf } = namesOf(config);
  const { families, codecs, writers } = assembly;
  const webhooks = writers("webhook replay").to(families.webhooks);
  const kinds: readonly string[] = config.webhooks.tenants[tenant]?.kinds ?? [];
  const codec = codecs.of(families.feedback);
  let done = 0;
  for await (const records of stores.log.pages(topicOf(families.feedback.name), sinceMs)) {
    const all = (await Promise.all(records.map((record) => readRecord(record, codec))))
      // a record that is no feedback was never announced: it is in dead letters
      .flatMap((read) => (read.error ? [] : [read.value]));
    const own = all.filter((feedback) => feedback.tenant === tenant && feedback.at >= sinceMs && kinds.includes(feedback.kind));
    for (let from = 0; from < own.length; from += bite) {
      if (watch.signal.aborted) return done;
      const some = own.slice(from, from + bite);
      await webhooks.append(some.map((feedback) => ({ feedback, attempt: 1, firstAt: clock.now() })));
      done += some.length;
      watch.progress(done);
    }
  }
  return done;
};

/** Switches a tenant's webhook on again. Resolves with how much it is sent again; null where nothing was asked for. Rejects NOT_FOUND. */
export const enableTenantWebhook = async (tools: Tools, { tenant, replayFromMs }: EnableQuestion, watch: Watch): Promise<number | null> => {
  if (!Object.hasOwn(tools.config.webhooks.tenants, tenant))
    throw new CarillonError("NOT_FOUND", `the tenant ${tenant} has no webhook`, { fix: "add it under webhooks.tenants" });
  await enableWebhook(tools.stores.cells, tenant);
  return replayFromMs === undefined ? null : replay(tools, tenant, replayFromMs, watch);
};
