import { assertNotLifted, settingsAfter } from "../../access/change-settings.js";
import { decide, installation } from "../../access/decide.js";
import type { SettingsChange } from "../../access/settings-input.js";
import type { Tenant, TenantSettings } from "../../stores/tenants/tenants.js";
import { changeTenant, putOf, type TenantTools, tenantOf } from "./change-tenant.js";
import type { Author } from "./record-change.js";

/** The settings of a tenant as plain data, without secrets. */
export type SettingsView = Pick<TenantSettings, "locale" | "timeZone" | "quotas" | "rates" | "senders">;

const viewOf = ({ settings }: Tenant): SettingsView => {
  const { locale, timeZone, quotas, rates, senders } = settings;
  return { locale, timeZone, quotas, rates, senders };
};

export const findSettings = async (tools: Pick<TenantTools, "stores">, id: string): Promise<SettingsView> =>
  viewOf(await tenantOf(tools, id));

/** Changes the settings. Rejects FORBIDDEN if the author may not lift the tenant's limits. */
export const editSettings = async (tools: TenantTools, id: string, change: SettingsChange, by: Author): Promise<SettingsView> => {
  const isOperator = decide(by.principal, installation, "operate").allowed;
  await changeTenant(tools, id, by, (tenant) => {
    const settings = settingsAfter(tenant.settings, change);
    if (settings === tenant.settings) return undefined;
    if (!isOperator) assertNotLifted(tenant.settings, settings);
    return { action: "settings.change", target: `settings of tenant ${id}`, put: { ...putOf(tenant), settings } };
  });
  return findSettings(tools, id);
};
