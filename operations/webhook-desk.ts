import type { Config } from "../config/schema.js";
import { readRecord } from "../engine/runtime/read-record.js";
import { CarillonError } from "../schemas/errors.js";
import { enableWebhook, readWebhookStates, type WebhookState } from "../sinks/webhooks/endpoint.js";
import { knownKinds, ownStateName } from "../sinks/webhooks/own-webhook.js";
import type { Clock } from "../stores/clock.js";
import { createTenantSecrets, type TenantSecrets } from "../stores/sealed/tenant-secrets.js";
import type { Stores } from "../stores/stores.js";
import type { Tenant } from "../stores/tenants/tenants.js";
import { namesOf } from "../topology/names.js";
import type { DeliveryParts } from "./delivery-parts.js";
import { allTenants } from "./tenants/all-tenants.js";
import { deletedStatus } from "./tenants/change-tenant.js";
import { isReadable } from "./tenants/tenant-seals.js";
import type { Watch } from "./watch.js";

/** A tenant's webhook and how it is, as plain data. */
export interface WebhookView {
  readonly tenant: string;
  /** Whether it is the tenant's own, and not of the configuration. */
  readonly own: boolean;
  /** Host of its address; the rest may be secret. */
  readonly host: string;
  readonly kinds: readonly string[];
  /** Why it cannot be called, if that is known without a call; null otherwise. */
  readonly problem: string | null;
  /** Null while it works. */
  readonly state: WebhookState | null;
}

/** A webhook that is in use, and the name of its state. */
interface UsedWebhook extends Omit<WebhookView, "state"> {
  readonly stateName: string;
}

type DeskConfig = Pick<Config, "webhooks">;

const configuredWebhook = ({ webhooks }: DeskConfig, tenant: string): UsedWebhook | undefined => {
  const found = Object.hasOwn(webhooks.tenants, tenant) ? webhooks.tenants[tenant] : undefined;
  return found && { tenant, own: false, host: new URL(found.url).host, kinds: found.kinds, problem: null, stateName: tenant };
};

const unreadable = "its secrets cannot be decrypted: configure the former key again under encryption.keys, or set the webhook again";

const ownWebhook = ({ id: tenant, status, settings: { webhook } }: Tenant, secrets: TenantSecrets): UsedWebhook | undefined => {
  if (!webhook || status === deletedStatus) return undefined;
  const problem = webhook.secrets.every((sealed) => isReadable(secrets, sealed)) ? null : unreadable;
  const host = new URL(webhook.url).host;
  return { tenant, own: true, host, kinds: knownKinds(webhook), problem, stateName: ownStateName(tenant, webhook.url) };
};

/** The webhook that a tenant's events go to: that of the configuration comes first. */
export const webhookInUse = async (
  config: DeskConfig,
  { tenants, keys }: Pick<Stores, "tenants" | "keys">,
  tenant: string,
): Promise<UsedWebhook | undefined> => {
  const configured = configuredWebhook(config, tenant);
  if (configured) return configured;
  const [stored] = await tenants.get([tenant]);
  return stored && ownWebhook(stored, createTenantSecrets(keys));
};

/** Those of the configuration, then those of tenants' own. */
export const webhookViews = async (
  config: DeskConfig,
  { cells, tenants, keys }: Pick<Stores, "cells" | "tenants" | "keys">,
): Promise<readonly WebhookView[]> => {
  const states = await readWebhookStates(cells);
  const secrets = createTenantSecrets(keys);
  const found = Object.keys(config.webhooks.tenants).flatMap((tenant) => configuredWebhook(config, tenant) ?? []);
  const configured = new Set(found.map(({ tenant }) => tenant));
  for await (const tenant of allTenants(tenants)) {
    const own = configured.has(tenant.id) ? undefined : ownWebhook(tenant, secrets);
    if (own) found.push(own);
  }
  return found.map(({ stateName, ...webhook }) => ({ ...webhook, state: states.get(stateName) ?? null }));
};

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
const replay = async (
  { config, stores, assembly, clock }: Tools,
  { tenant, kinds }: UsedWebhook,
  sinceMs: number,
  watch: Watch,
): Promise<number> => {
  const { topicOf } = namesOf(config);
  const { families, codecs, writers } = assembly;
  const webhooks = writers("webhook replay").to(families.webhooks);
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
  const { config, stores } = tools;
  const webhook = await webhookInUse(config, stores, tenant);
  if (!webhook)
    throw new CarillonError("NOT_FOUND", `the tenant ${tenant} has no webhook`, {
      fix: "add it under webhooks.tenants, or set one with carillon tenants set-webhook",
    });
  await enableWebhook(stores.cells, webhook.stateName);
  return replayFromMs === undefined ? null : replay(tools, webhook, replayFromMs, watch);
};
