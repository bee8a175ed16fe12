import type { OwnProviderView } from "../../operations/tenants/provider-desk.js";
import type { OwnRouteView } from "../../operations/tenants/route-desk.js";

/** The providers and routes of tenants' own. */
export interface OwnProviderAdministration {
  providers(tenant: string): Promise<readonly OwnProviderView[]>;
  /** `provider`: the body of the route. Rejects INPUT_INVALID. */
  setProvider(tenant: string, name: string, provider: unknown): Promise<OwnProviderView>;
  removeProvider(tenant: string, name: string): Promise<void>;
  routes(tenant: string): Promise<readonly OwnRouteView[]>;
  setRoute(tenant: string, channel: string, providers: readonly string[]): Promise<OwnRouteView>;
  removeRoute(tenant: string, channel: string): Promise<void>;
}
