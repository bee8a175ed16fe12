import { type LoadOptions, readConfig } from "../config/read-config.js";
import { type Config, configSchemaOf } from "../config/schema.js";
import { providerDefinitions } from "../sinks/providers/registry.js";
import { deliveryProblems } from "./config-checks.js";

/** Every key there is. */
export const configSchema = configSchemaOf(providerDefinitions);

/** Reads, merges and checks everything before any connection is made. Throws CONFIG_INVALID with every mistake at once. */
export const loadConfig = (options: LoadOptions = {}): Config =>
  readConfig({ schema: configSchema, problemsOf: deliveryProblems }, options);
