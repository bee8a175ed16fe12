import { type ProviderConfigInput, providersSchemaOf } from "../../config/providers.js";
import type { Provider } from "../../processors/provider.js";
import type { Reading } from "../../processors/reading.js";
import type { Receipt } from "../../processors/receipt.js";
import type { Channel } from "../../schemas/generated.js";
import type { ProviderTools } from "../../sinks/providers/definition.js";
import { definitionOf, providerDefinitions } from "../../sinks/providers/registry.js";
import { readUnit } from "../../sources/intake.js";
import { systemClock } from "../../stores/clock.js";

export interface BareTools extends ProviderTools {
  /** The reported receipts. */
  readonly receipts: Receipt[];
  /** Everything that was reported. */
  readonly readings: Reading[];
}

/** Tools without the rest of Carillon. Readings are collected. `options`: those of the provider whose units are parsed. */
export const bareTools = (more: Partial<ProviderTools> = {}, options: Omit<ProviderConfigInput, "type"> = {}): BareTools => {
  const receipts: Receipt[] = [];
  const readings: Reading[] = [];
  const keep = (all: readonly Reading[]): void => {
    readings.push(...all);
    receipts.push(...all.flatMap((one) => (one.kind === "receipt" ? [one.receipt] : [])));
  };
  return {
    clock: systemClock,
    sendTimeoutMs: 2_000,
    senderDomain: () => "carillon.test",
    aws: { region: "us-east-1", endpoint: null },
    outbox: { deliver: async () => undefined, latest: async () => [] },
    reportLater: async () => undefined,
    receive: async ({ name }, source, units) => {
      const read = definitionOf(name)?.readers?.[source];
      if (!read) throw new Error(`${name} has no reader of ${source}`);
      for (const unit of units) keep(readUnit(() => read(unit, optionsOf(name, options))));
    },
    answered: async (_identity, all) => keep(all),
    origin: { instance: "test" },
    ...more,
    receipts,
    readings,
  };
};

/** The receipts in readings. Throws the error of an unreadable one. */
export const receiptsIn = (readings: readonly Reading[] | undefined): Receipt[] =>
  (readings ?? []).flatMap((reading) => {
    if (reading.kind === "unreadable") throw reading.error;
    return reading.kind === "receipt" ? [reading.receipt] : [];
  });

/** A provider's options, parsed as in the configuration. */
export const optionsOf = (type: string, options: Omit<ProviderConfigInput, "type">) => {
  const parsed = providersSchemaOf(providerDefinitions).parse({ [type]: options })[type];
  if (!parsed) throw new Error(`unknown provider type ${type}`);
  return parsed;
};

/** A provider as configured, without a deadline. */
export const createProvider = (
  type: string,
  channel: Channel,
  options: Omit<ProviderConfigInput, "type"> = {},
  tools: ProviderTools = bareTools(),
): Promise<Provider> => {
  const definition = definitionOf(type);
  if (!definition) throw new Error(`unknown provider type ${type}`);
  return definition.create({ name: type, channel }, optionsOf(type, options), tools);
};
