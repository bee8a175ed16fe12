import { type ProviderConfigInput, providersSchema } from "../../config/providers.js";
import type { Provider, Report } from "../../processors/provider.js";
import type { Channel } from "../../schemas/generated.js";
import type { ProviderTools } from "../../sinks/providers/definition.js";
import { definitionOf } from "../../sinks/providers/registry.js";
import { systemClock } from "../../stores/clock.js";

/** Tools without Carillon around them: what is reported is kept in `reports`. */
export const bareTools = (more: Partial<ProviderTools> = {}): ProviderTools & { readonly reports: Report[] } => {
  const reports: Report[] = [];
  return {
    clock: systemClock,
    sendTimeoutMs: 2_000,
    aws: { region: "us-east-1", endpoint: null },
    outbox: { deliver: async () => undefined, latest: async () => [] },
    reportLater: async () => undefined,
    report: async (_identity, news) => {
      reports.push(...news);
    },
    onTrouble: () => undefined,
    ...more,
    reports,
  };
};

/** Options of a provider as the configuration would parse them. */
export const optionsOf = (type: string, options: Omit<ProviderConfigInput, "type">) => {
  const parsed = providersSchema.parse({ [type]: options })[type];
  if (!parsed) throw new Error(`there is no type ${type}`);
  return parsed;
};

/** A provider as the configuration would make it, without a deadline around it. */
export const createProvider = (
  type: string,
  channel: Channel,
  options: Omit<ProviderConfigInput, "type"> = {},
  tools: ProviderTools = bareTools(),
): Promise<Provider> => {
  const definition = definitionOf(type);
  if (!definition) throw new Error(`there is no type ${type}`);
  return definition.create({ name: type, channel }, optionsOf(type, options), tools);
};
