import { isIP } from "node:net";
import { rulesOf } from "../channels/rules-of.js";
import type { Config } from "../config/schema.js";
import type { Queue } from "../engine/queue.js";
import { createTemplateRenderer } from "../processors/render-template.js";
import { checkPipeline, parsePipeline } from "../reports/aggregations.js";
import { messageOf } from "../schemas/errors.js";
import type { Channel } from "../schemas/generated.js";
import { channels } from "../schemas/vocabulary.js";
import { definitionOf } from "../sinks/providers/registry.js";
import { refusedAddress } from "../sinks/webhooks/address-guard.js";
import { isWebhookSecret, secretsOfReceiver } from "../sinks/webhooks/signature.js";
import { hasProof } from "../sources/callbacks/callback-auth.js";
import { matchesQueue, noQueue } from "../topology/queues.js";

/** Checks of the configuration by those who use it: providers, webhooks, reports, templates, queues. */

const nameOf = (entry: Config["channels"][Channel]["providers"][number]): string => (typeof entry === "string" ? entry : entry.name);

const waysOf = ({ providers, routes }: Config["channels"][Channel]): { readonly key: string; readonly name: string }[] => [
  ...providers.map((entry) => ({ key: "providers", name: nameOf(entry) })),
  ...routes.flatMap((route, index) => route.providers.map((entry) => ({ key: `routes.${index}.providers`, name: nameOf(entry) }))),
];

/** What is wrong with one of a channel's ways out. */
const problemsOf = (channel: Channel, key: string, name: string, { channels: byChannel, providers }: Config): string[] => {
  const provider = Object.hasOwn(providers, name) ? providers[name] : undefined;
  const definition = provider && definitionOf(provider.type);
  if (!provider || !definition) {
    const known = Object.keys(providers).join(", ");
    return [`channels.${channel}.${key}: there is no provider "${name}": give one of ${known}, or add it under providers`];
  }
  const problems = (definition.missing?.(provider) ?? []).map((missing) => `providers.${name}.${missing}`);
  if (!definition.channels.includes(channel))
    problems.push(`channels.${channel}.${key}: "${name}" (${provider.type}) sends ${definition.channels.join(", ")}, not ${channel}`);
  if (rulesOf(channel).sender.isNeeded && provider.type !== "sandbox" && !byChannel[channel].from)
    problems.push(`channels.${channel}.from: the ${name} provider needs a sender`);
  return problems;
};

/** The providers that channels name: whether they are there, send by that channel, and have all that they need. */
const unfitProviders = (config: Config): string[] => [
  ...new Set(
    channels.flatMap((channel) => waysOf(config.channels[channel]).flatMap(({ key, name }) => problemsOf(channel, key, name, config))),
  ),
];

const commonProofs = "callback.token, callback.username with callback.password, callback.hmac, or callback.addresses";

/** Whoever can post to an unproven callback can end messages as failed: pages, proxies, anybody on the network. */
const unprovenCallbacks = (config: Config): string[] => {
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
    return [`providers.${name}.callback: receipts come by callbacks, and nothing proves who sends them: give ${commonProofs}${others}`];
  });
};

/** What is wrong with a receiver's address, as far as it shows before its name is resolved. */
const unfitReceiver = (address: string, allowed: readonly string[]): string | undefined => {
  const url = new URL(address);
  const plain = url.protocol === "http:";
  if (isIP(url.hostname.replace(/^\[(.*)\]$/, "$1")) !== 0) return refusedAddress(url.hostname, { allowed, plain });
  return plain && allowed.length === 0 ? "is not https: give one, or list its range in webhooks.allowAddresses" : undefined;
};

const unfitSecrets = (secrets: readonly string[]): string[] => [
  ...(secrets.every(isWebhookSecret) ? [] : ["is not whsec_ and 24 to 64 bytes in base64"]),
  ...(new Set(secrets).size < secrets.length ? ["lists the same secret twice"] : []),
];

const unfitWebhooks = ({ webhooks }: Config): string[] =>
  Object.entries(webhooks.tenants).flatMap(([tenant, { url, secret }]) => {
    const refused = unfitReceiver(url, webhooks.allowAddresses);
    return [
      ...unfitSecrets(secretsOfReceiver(secret)).map((problem) => `webhooks.tenants.${tenant}.secret: ${problem}`),
      ...(refused === undefined ? [] : [`webhooks.tenants.${tenant}.url: ${refused}`]),
    ];
  });

const unreadablePipelines = ({ reports }: Config): string[] =>
  Object.entries(reports.aggregations).flatMap(([name, { pipeline }]) => {
    try {
      checkPipeline(parsePipeline(`reports.aggregations.${name}.pipeline`, pipeline));
      return [];
    } catch (error) {
      const key = `reports.aggregations.${name}.pipeline`;
      return [messageOf(error).startsWith(key) ? messageOf(error) : `${key}: ${messageOf(error)}`];
    }
  });

/** A pattern with a slip would leave its queue to nobody, in silence. */
export const unknownQueues = ({ runtime: { only } }: Config, queues: readonly Pick<Queue, "name">[]): string[] => {
  const fits = (pattern: string): boolean => queues.some(({ name }) => matchesQueue([pattern], name));
  return only
    .filter((pattern) => (pattern === noQueue ? only.length > 1 : !fits(pattern)))
    .map((pattern) => `runtime.only: no queue fits "${pattern}": see carillon lanes, or give ${noQueue} alone`);
};

const unreadableTemplates = ({ templates }: Config): string[] => {
  const problems: string[] = [];
  createTemplateRenderer(templates, problems);
  return problems;
};

/** What does not fit what delivery is made of. */
export const deliveryProblems = (config: Config): readonly string[] => [
  ...unfitProviders(config),
  ...unprovenCallbacks(config),
  ...unfitWebhooks(config),
  ...unreadablePipelines(config),
  ...unreadableTemplates(config),
];
