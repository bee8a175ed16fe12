import { rulesOf } from "../../channels/rules-of.js";
import type { Config } from "../../config/schema.js";
import type { Channel } from "../../schemas/generated.js";
import { channels } from "../../schemas/vocabulary.js";
import { definitionOf } from "./registry.js";

const nameOf = (entry: Config["channels"][Channel]["providers"][number]): string => (typeof entry === "string" ? entry : entry.name);

const entriesOf = ({ providers, routes }: Config["channels"][Channel]): { readonly key: string; readonly name: string }[] => [
  ...providers.map((entry) => ({ key: "providers", name: nameOf(entry) })),
  ...routes.flatMap((route, index) => route.providers.map((entry) => ({ key: `routes.${index}.providers`, name: nameOf(entry) }))),
];

/** Problems of one of a channel's providers. */
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

/** A slash separates the tenant from the name of its own provider. */
const slashed = ({ providers }: Pick<Config, "providers">): string[] =>
  Object.keys(providers).flatMap((name) => (name.includes("/") ? [`providers.${name}: has a slash in its name: choose another name`] : []));

/** Problems of the providers: names with a slash, and providers of a channel that it cannot use. */
export const unfitProviders = (config: Config): string[] => [
  ...slashed(config),
  ...new Set(
    channels.flatMap((channel) => entriesOf(config.channels[channel]).flatMap(({ key, name }) => problemsOf(channel, key, name, config))),
  ),
];
