import type { Config } from "../../config/schema.js";
import { channels } from "../../schemas/vocabulary.js";
import { definitionOf } from "../../sinks/providers/registry.js";
import { hasProof } from "./callback-auth.js";

const commonProofs = "callback.token, callback.username with callback.password, callback.hmac, or callback.addresses";

/** Anyone who can post to an unauthenticated callback can end messages as failed: pages, proxies, any host on the network. */
export const unprovenCallbacks = (config: Config): string[] => {
  if (!config.http.enabled) return [];
  const used = channels.flatMap((channel) => {
    const { providers, routes } = config.channels[channel];
    return [...providers, ...routes.flatMap((route) => route.providers)].map((entry) => (typeof entry === "string" ? entry : entry.name));
  });
  return [...new Set(used)].flatMap((name) => {
    const options = Object.hasOwn(config.providers, name) ? config.providers[name] : undefined;
    const callbacks = options && definitionOf(options.type)?.callbacks;
    if (!callbacks || callbacks.verify || hasProof(options.callback)) return [];
    if (callbacks.expected?.(options) === false || callbacks.signed?.(options)) return [];
    const others = callbacks.alternatives ? `; or ${callbacks.alternatives}` : "";
    return [`providers.${name}.callback: receipts arrive by callbacks without authentication: give ${commonProofs}${others}`];
  });
};
