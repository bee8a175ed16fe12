import { type LoadOptions, readConfig } from "../config/read-config.js";
import { type Config, configSchemaOf } from "../config/schema.js";
import type { Topology } from "../engine/builder.js";
import { providerDefinitions } from "../sinks/providers/registry.js";
import { deliveryProblems } from "./config-checks.js";

/** Every key there is. */
export const configSchema = configSchemaOf(providerDefinitions);

/** `graphs`: those that run alongside delivery. Reads, merges and checks everything before any connection is made. Throws CONFIG_INVALID with every mistake at once. */
export const loadConfig = ({ graphs = [], ...options }: LoadOptions & { readonly graphs?: readonly Topology[] } = {}): Config =>
  readConfig({ schema: configSchema, problemsOf: (config) => deliveryProblems(config, graphs) }, options);
