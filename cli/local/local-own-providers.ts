import { isValid } from "../../client/check-input.js";
import type { Config } from "../../config/schema.js";
import type { TenantTools } from "../../operations/tenants/change-tenant.js";
import { checkProvider, listOwnProviders, removeOwnProvider, setOwnProvider } from "../../operations/tenants/provider-desk.js";
import type { Author } from "../../operations/tenants/record-change.js";
import { listOwnRoutes, removeOwnRoute, setOwnRoute } from "../../operations/tenants/route-desk.js";
import { CarillonError } from "../../schemas/errors.js";
import { createTenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import type { OwnProviderAdministration } from "../deployment/own-provider-administration.js";
import type { LocalStores } from "./opened.js";

/** Providers and routes of tenants' own, in the stores themselves. */
export const localOwnProviders = (
  local: LocalStores,
  toolsOf: () => Promise<TenantTools>,
  author: () => Author,
): OwnProviderAdministration => {
  const config: Pick<Config, "channels"> = local.config;
  return {
    providers: async (tenant) => listOwnProviders(await toolsOf(), tenant),
    setProvider: async (tenantId, name, provider) => {
      const checked = checkProvider(provider);
      if (!isValid(checked)) {
        const [first, ...rest] = checked.errors;
        const others = rest.map(({ field, problem }) => `; ${field} ${problem}`).join("");
        throw new CarillonError("INPUT_INVALID", `${first?.problem}${others}`, {
          field: first?.field ?? "provider",
          fix: first?.fix ?? "",
        });
      }
      const secrets = createTenantSecrets((await local.stores()).keys);
      return (await setOwnProvider({ ...(await toolsOf()), secrets }, { tenantId, name }, checked.value, author())).view;
    },
    removeProvider: async (tenantId, name) => removeOwnProvider(await toolsOf(), { tenantId, name }, author()),
    routes: async (tenant) => listOwnRoutes(await toolsOf(), tenant),
    setRoute: async (tenantId, channel, providers) =>
      setOwnRoute({ ...(await toolsOf()), config }, { tenantId, channel }, providers, author()),
    removeRoute: async (tenantId, channel) => removeOwnRoute(await toolsOf(), { tenantId, channel }, author()),
  };
};
