import { byChannel } from "../channels/by-channel.js";
import type { Config } from "../config/schema.js";
import { maskOf } from "../config/secrets.js";
import type { Provider } from "../processors/provider.js";
import { CarillonError } from "../schemas/errors.js";
import type { Channel } from "../schemas/generated.js";
import { channels } from "../schemas/vocabulary.js";
import type { ProviderTools } from "./providers/definition.js";
import type { Providers } from "./providers/providers.js";
import { definitionOf } from "./providers/registry.js";
import { withDeadline } from "./providers/with-deadline.js";
import { withExchange } from "./providers/with-exchange.js";
import { withGuardedOutcome } from "./providers/with-guarded-outcome.js";
import { providersOf } from "./routing/routing-policy.js";

/** Creates the configured providers of each channel, with a deadline on every call. Loads only the libraries that they need. */
export const createProviders = async (config: Config, tools: ProviderTools): Promise<Providers> => {
  const create = async (channel: Channel, name: string): Promise<Provider> => {
    const options = config.providers[name];
    const definition = options && definitionOf(options.type);
    if (!options || !definition) throw new CarillonError("CONFIG_INVALID", `unknown provider ${name}`);
    const provider = await definition.create({ name, channel }, options, tools);
    const { keepExchanges, maxRetryAfterMs } = config.delivery;
    const mask = maskOf(config);
    const kept = withGuardedOutcome(withExchange(provider, keepExchanges, mask), { mask, maxRetryAfterMs });
    return withDeadline(kept, tools.sendTimeoutMs, tools.clock);
  };
  const ofChannel = async (channel: Channel) =>
    [channel, await Promise.all(providersOf(config.channels[channel]).map((name) => create(channel, name)))] as const;
  const created = new Map(await Promise.all(channels.map(ofChannel)));
  return byChannel((channel) => created.get(channel) ?? []);
};
