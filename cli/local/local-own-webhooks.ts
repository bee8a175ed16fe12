import { webhookInput } from "../../access/webhook-input.js";
import type { TenantTools } from "../../operations/tenants/change-tenant.js";
import { findWebhook, type OwnWebhookTools, removeWebhook, rotateWebhook, setWebhook } from "../../operations/tenants/own-webhook-desk.js";
import type { Author } from "../../operations/tenants/record-change.js";
import { createTenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import type { OwnWebhookAdministration } from "../deployment/own-webhook-administration.js";
import { checkedInput } from "./checked-input.js";
import type { LocalStores } from "./opened.js";

/** Webhooks of tenants' own, in the stores themselves. */
export const localOwnWebhooks = (
  local: LocalStores,
  toolsOf: () => Promise<TenantTools>,
  author: () => Author,
): OwnWebhookAdministration => {
  const tools = async (): Promise<OwnWebhookTools> => {
    const stores = await local.stores();
    return { ...(await toolsOf()), stores, config: local.config, secrets: createTenantSecrets(stores.keys) };
  };
  return {
    webhook: async (tenant) => findWebhook(await tools(), tenant),
    setWebhook: async (tenant, input) => (await setWebhook(await tools(), tenant, checkedInput(webhookInput, input), author())).view,
    rotateWebhook: async (tenant) => rotateWebhook(await tools(), tenant, author()),
    removeWebhook: async (tenant) => removeWebhook(await tools(), tenant, author()),
  };
};
