import { type LoadOptions, readConfig } from "../config/read-config.js";
import { type Config, configSchemaOf } from "../config/schema.js";
import type { Topology } from "../engine/builder.js";
import { queuesOf } from "../engine/graphs.js";
import { providerDefinitions } from "../sinks/providers/registry.js";
import { unknownQueues } from "../topology/queue-checks.js";
import { checkConfigParts } from "./check-subsystems.js";
import type { ConfigPart } from "./subsystem.js";
import { deliveryConfig } from "./subsystems/delivery-config.js";

/** Every key of Carillon's own configuration. */
export const configSchema = configSchemaOf(providerDefinitions);

/**
 * Reads, merges and checks everything before any connection is made. Throws CONFIG_INVALID with every problem at once. `more`, `graphs`:
 * subsystems, and graphs without one, that run alongside delivery.
 */
export const loadConfig = (
  { graphs = [], ...options }: LoadOptions & { readonly graphs?: readonly Topology[] } = {},
  more: readonly ConfigPart[] = [],
): Config => {
  checkConfigParts(more);
  const parts = [deliveryConfig, ...more];
  const keys = Object.assign({}, ...more.map(({ configKeys }) => configKeys)) as ConfigPart["configKeys"];
  const schema = more.length === 0 ? configSchema : configSchemaOf(providerDefinitions, keys);
  const problemsOf = (config: Config): readonly string[] => [
    ...parts.flatMap((part) => part.problemsOf(config)),
    ...unknownQueues(config, [...parts.flatMap((part) => part.queuesOf(config)), ...queuesOf(graphs)]),
  ];
  return readConfig({ schema, problemsOf }, options);
};
