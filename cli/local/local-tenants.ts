import { randomUUID } from "node:crypto";
import { configuredTenantsOf } from "../../access/configured-tenants.js";
import { createKeyUse } from "../../access/key-use.js";
import { allScopes } from "../../access/scopes.js";
import { settingsChange } from "../../access/settings-input.js";
import { keyInput, rotationInput, tenantChange, tenantInput } from "../../access/tenant-input.js";
import { tokenKeyInput } from "../../access/token-key-input.js";
import { localTenant } from "../../config/keys.js";
import { listAudit } from "../../operations/tenants/audit-desk.js";
import type { TenantTools } from "../../operations/tenants/change-tenant.js";
import { createKey, endKey, listKeys, renewKey } from "../../operations/tenants/key-desk.js";
import type { Author } from "../../operations/tenants/record-change.js";
import { editSettings, findSettings } from "../../operations/tenants/settings-desk.js";
import { createTenant, deleteTenant, editTenant, listTenants, type TenantView } from "../../operations/tenants/tenant-desk.js";
import { addTokenKey, listTokenKeys, removeTokenKey } from "../../operations/tenants/token-key-desk.js";
import { systemClock } from "../../stores/clock.js";
import type { TenantAdministration } from "../deployment/deployment.js";
import { checkedInput } from "./checked-input.js";
import { localOwnProviders } from "./local-own-providers.js";
import { localOwnWebhooks } from "./local-own-webhooks.js";
import type { LocalStores } from "./opened.js";

/** The shell's user has access to the stores, so it may do everything. */
const author = (): Author => ({ principal: { kind: "loopback", tenant: localTenant, scopes: allScopes }, requestId: randomUUID() });

const pageSize = 1_000;

/** Tenants in the stores themselves. Running processes read a change within about 2 seconds. */
export const localTenants = (local: LocalStores): TenantAdministration => {
  const tools = async (): Promise<TenantTools> => ({
    stores: await local.stores(),
    clock: systemClock,
    configured: configuredTenantsOf(local.config),
  });
  return {
    ...localOwnProviders(local, tools, author),
    ...localOwnWebhooks(local, tools, author),
    list: async () => {
      const all: TenantView[] = [];
      for (let after: string | undefined; ; ) {
        const { items, last } = await listTenants(await tools(), after, pageSize);
        all.push(...items);
        if (last === null) return all;
        after = last;
      }
    },
    create: async (input) => createTenant(await tools(), checkedInput(tenantInput, input), author()),
    change: async (id, change) => editTenant(await tools(), id, checkedInput(tenantChange, change), author()),
    delete: async (id) => deleteTenant(await tools(), id, author()),
    settings: async (id) => findSettings(await tools(), id),
    changeSettings: async (id, change) => editSettings(await tools(), id, checkedInput(settingsChange, change), author()),
    keys: async (id) => {
      const { cells } = await local.stores();
      return listKeys(
        await tools(),
        createKeyUse(cells, systemClock, () => undefined),
        id,
      );
    },
    createKey: async (id, input) => createKey(await tools(), id, checkedInput(keyInput, input), author()),
    rotateKey: async (tenantId, keyId, rotation) =>
      renewKey(await tools(), { tenantId, keyId, ...checkedInput(rotationInput, rotation) }, author()),
    revokeKey: async (id, key) => endKey(await tools(), id, key, author()),
    tokenKeys: async (id) => listTokenKeys(await tools(), id),
    addTokenKey: async (id, input) => addTokenKey(await tools(), id, checkedInput(tokenKeyInput, input), author()),
    removeTokenKey: async (id, kid) => removeTokenKey(await tools(), id, kid, author()),
    audit: async (tenant, limit) => (await listAudit(await local.stores(), { tenant, limit })).items,
  };
};
