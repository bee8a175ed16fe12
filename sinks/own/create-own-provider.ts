import type { Config } from "../../config/schema.js";
import type { Provider } from "../../processors/provider.js";
import type { Channel } from "../../schemas/generated.js";
import type { ProviderTools } from "../providers/definition.js";
import { withDeadline } from "../providers/with-deadline.js";
import { withExchange } from "../providers/with-exchange.js";
import { withGuardedOutcome } from "../providers/with-guarded-outcome.js";
import { createGuardedConnections } from "./guarded-connections.js";
import type { CatalogedProvider } from "./own-catalog.js";

/** Creates a provider of a tenant's own. It connects only to addresses that the guard allows, and closes its connections with itself. */
export const createOwnProvider = async (
  { name, definition, options, mask }: CatalogedProvider,
  channel: Channel,
  { delivery, tenants }: Pick<Config, "delivery" | "tenants">,
  tools: ProviderTools,
): Promise<Provider> => {
  const connections = createGuardedConnections(tenants.allowAddresses);
  const { keepExchanges, maxRetryAfterMs } = delivery;
  const provider = await definition.create({ name, channel }, options, { ...tools, connections });
  const kept = withGuardedOutcome(withExchange(provider, keepExchanges, mask), { mask, maxRetryAfterMs });
  const close = async (): Promise<void> => {
    await provider.close();
    await connections.close();
  };
  return { ...withDeadline(kept, tools.sendTimeoutMs, tools.clock), close };
};
