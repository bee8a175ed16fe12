import type { Config } from "../../config/schema.js";
import { channels } from "../../schemas/vocabulary.js";
import type { ProviderDefinition } from "../../sinks/providers/definition.js";
import { definitionOf } from "../../sinks/providers/registry.js";
import { hasProof } from "./callback-auth.js";
import type { CallbackTarget } from "./read-callback.js";

const commonProofs = "callback.token, callback.username with callback.password, callback.hmac, or callback.addresses";

/** How to authenticate the callbacks of a provider that accepts them from anyone; undefined if it does not. */
export const missingProof = (
  { callbacks }: Pick<ProviderDefinition, "callbacks">,
  options: CallbackTarget["options"],
): string | undefined => {
  if (!callbacks || callbacks.verify || hasProof(options.callback)) return undefined;
  if (callbacks.expected?.(options) === false || callbacks.signed?.(options)) return undefined;
  return `give ${commonProofs}${callbacks.alternatives ? `; or ${callbacks.alternatives}` : ""}`;
};

/** Anyone who can post to an unauthenticated callback can end messages as failed: pages, proxies, any host on the network. */
export const unprovenCallbacks = (config: Config): string[] => {
  if (!config.http.enabled) return [];
  const used = channels.flatMap((channel) => {
    const { providers, routes } = config.channels[channel];
    return [...providers, ...routes.flatMap((route) => route.providers)].map((entry) => (typeof entry === "string" ? entry : entry.name));
  });
  return [...new Set(used)].flatMap((name) => {
    const options = Object.hasOwn(config.providers, name) ? config.providers[name] : undefined;
    const definition = options && definitionOf(options.type);
    const missing = definition && missingProof(definition, options);
    return missing ? [`providers.${name}.callback: receipts arrive by callbacks without authentication: ${missing}`] : [];
  });
};
