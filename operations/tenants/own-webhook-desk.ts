import { isDeepStrictEqual } from "node:util";
import type { WebhookInput } from "../../access/webhook-input.js";
import type { Config } from "../../config/schema.js";
import { CarillonError } from "../../schemas/errors.js";
import { ofOwnWebhooks } from "../../sinks/webhooks/address-guard.js";
import { enableWebhook, readWebhookState, type WebhookState } from "../../sinks/webhooks/endpoint.js";
import { newWebhookSecret, ownStateName, sealWebhookSecret } from "../../sinks/webhooks/own-webhook.js";
import { secretsOfReceiver } from "../../sinks/webhooks/signature.js";
import { unfitReceiver } from "../../sinks/webhooks/webhook-checks.js";
import type { TenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import type { Stores } from "../../stores/stores.js";
import type { Tenant, TenantWebhook } from "../../stores/tenants/tenants.js";
import { changeTenant, putOf, type TenantStep, type TenantTools, tenantOf } from "./change-tenant.js";
import { type Author, recordChange } from "./record-change.js";
import { isReadable } from "./tenant-seals.js";

/** The webhook that a tenant's events go to, without its secrets. */
export interface OwnWebhookView {
  /** Host of its address; the rest may be secret. */
  readonly host: string;
  readonly kinds: readonly string[];
  /** Number of secrets that sign. */
  readonly secrets: number;
  /** Whether it is that of the configuration, which the tenant cannot change. */
  readonly configured: boolean;
  /** Null while it works. */
  readonly state: WebhookState | null;
}

/** `secret` is shown once; null: the former secrets stay. */
export interface SetWebhook extends OwnWebhookView {
  readonly secret: string | null;
}

export interface OwnWebhookTools extends TenantTools {
  readonly stores: Pick<Stores, "tenants" | "audit" | "cells">;
  readonly config: Pick<Config, "webhooks" | "tenants">;
  readonly secrets: TenantSecrets;
}

const target = "webhook";

const noWebhook = (id: string): CarillonError =>
  new CarillonError("NOT_FOUND", `the tenant ${id} has no webhook of its own`, { field: "id", fix: "set one first" });

const viewOf = async ({ stores }: OwnWebhookTools, tenantId: string, { url, kinds, secrets }: TenantWebhook): Promise<OwnWebhookView> => ({
  ...{ host: new URL(url).host, kinds, secrets: secrets.length, configured: false },
  state: (await readWebhookState(stores.cells, ownStateName(tenantId, url))) ?? null,
});

/** Rejects NOT_FOUND. */
export const findWebhook = async (tools: OwnWebhookTools, tenantId: string): Promise<OwnWebhookView> => {
  const { settings } = await tenantOf(tools, tenantId);
  const { tenants } = tools.config.webhooks;
  const configured = Object.hasOwn(tenants, tenantId) ? tenants[tenantId] : undefined;
  if (configured) {
    const { url, kinds, secret } = configured;
    const state = (await readWebhookState(tools.stores.cells, tenantId)) ?? null;
    return { host: new URL(url).host, kinds, secrets: secretsOfReceiver(secret).length, configured: true, state };
  }
  if (!settings.webhook) throw noWebhook(tenantId);
  return viewOf(tools, tenantId, settings.webhook);
};

const assertNotConfigured = ({ config }: OwnWebhookTools, id: string): void => {
  if (Object.hasOwn(config.webhooks.tenants, id))
    throw new CarillonError("CONFLICT", `the configuration has a webhook of the tenant ${id}`, {
      field: "id",
      fix: "the operator removes it from webhooks.tenants first",
    });
};

const assertFit = ({ config }: OwnWebhookTools, url: string): void => {
  const problem = unfitReceiver(url, config.tenants.allowAddresses, ofOwnWebhooks);
  if (problem !== undefined) throw new CarillonError("INPUT_INVALID", problem, { field: "url", fix: "give a public address with https" });
};

const stepOf = (action: string, tenant: Tenant, webhook: TenantWebhook | null): TenantStep => ({
  ...{ action, target },
  put: { ...putOf(tenant), settings: { ...tenant.settings, webhook } },
});

/**
 * Creates or changes the webhook. At the same address its secrets stay, unless no key opens them. Rejects INPUT_INVALID for an address that
 * must not be called, and CONFLICT if the configuration has a webhook of the tenant, or no key seals the secret.
 */
export const setWebhook = async (
  tools: OwnWebhookTools,
  tenantId: string,
  { url, kinds }: WebhookInput,
  by: Author,
): Promise<{ readonly view: SetWebhook; readonly isNew: boolean }> => {
  assertNotConfigured(tools, tenantId);
  assertFit(tools, url);
  const secret = newWebhookSecret();
  const sealed = sealWebhookSecret(tenantId, secret, tools.secrets);
  const createdAt = new Date(tools.clock.now());
  let [former, stored]: [TenantWebhook | null, TenantWebhook] = [null, { url, kinds, secrets: [sealed], createdAt }];
  await changeTenant(tools, tenantId, by, (tenant) => {
    former = tenant.settings.webhook;
    const stays = former?.url === url && former.secrets.every((one) => isReadable(tools.secrets, one));
    stored = { url, kinds, secrets: former && stays ? former.secrets : [sealed], createdAt: former?.createdAt ?? createdAt };
    return isDeepStrictEqual(former, stored) ? undefined : stepOf("webhook.set", tenant, stored);
  });
  const isOther = stored.secrets[0] === sealed;
  // a former webhook at this address may have been disabled
  if (isOther) await enableWebhook(tools.stores.cells, ownStateName(tenantId, url));
  return { view: { ...(await viewOf(tools, tenantId, stored)), secret: isOther ? secret : null }, isNew: former === null };
};

/** Adds a secret, which signs together with the former one. An older one leaves. Rejects NOT_FOUND and CONFLICT. */
export const rotateWebhook = async (tools: OwnWebhookTools, tenantId: string, by: Author): Promise<SetWebhook> => {
  assertNotConfigured(tools, tenantId);
  const secret = newWebhookSecret();
  let stored: TenantWebhook | undefined;
  await changeTenant(tools, tenantId, by, (tenant) => {
    const { webhook } = tenant.settings;
    if (!webhook) throw noWebhook(tenantId);
    const readable = webhook.secrets.filter((one) => isReadable(tools.secrets, one));
    stored = { ...webhook, secrets: [sealWebhookSecret(tenantId, secret, tools.secrets), ...readable.slice(0, 1)] };
    return stepOf("webhook.rotate", tenant, stored);
  });
  if (!stored) throw noWebhook(tenantId);
  return { ...(await viewOf(tools, tenantId, stored)), secret };
};

/** Rejects NOT_FOUND. Events that wait for the webhook are not sent. */
export const removeWebhook = async (tools: OwnWebhookTools, tenantId: string, by: Author): Promise<void> => {
  await changeTenant(tools, tenantId, by, (tenant) => {
    if (!tenant.settings.webhook) throw noWebhook(tenantId);
    return stepOf("webhook.remove", tenant, null);
  });
};

/** Enables a webhook that was disabled, also one of the configuration. Rejects NOT_FOUND. */
export const enableOwnWebhook = async (tools: OwnWebhookTools, tenantId: string, by: Author): Promise<OwnWebhookView> => {
  const { configured } = await findWebhook(tools, tenantId);
  const { settings } = await tenantOf(tools, tenantId);
  const url = settings.webhook?.url ?? "";
  await enableWebhook(tools.stores.cells, configured ? tenantId : ownStateName(tenantId, url));
  const view = await findWebhook(tools, tenantId);
  await recordChange(tools, { action: "webhook.enable", tenant: tenantId, target, before: null, after: { host: view.host } }, by);
  return view;
};
