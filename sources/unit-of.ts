import type { Config } from "../config/schema.js";
import { CarillonError } from "../schemas/errors.js";
import type { ProviderIdentity, ReaderSource } from "../sinks/providers/definition.js";
import { definitionOf } from "../sinks/providers/registry.js";
import { readUnit, type Unit } from "./intake.js";

/** Parses a unit with its provider's own parser. */
export const unitOf = (config: Config, { name }: Pick<ProviderIdentity, "name">, source: ReaderSource, original: Buffer): Unit => {
  const options = Object.hasOwn(config.providers, name) ? config.providers[name] : undefined;
  const read = options && definitionOf(options.type)?.readers?.[source];
  return {
    original,
    readings: readUnit(() => {
      if (!read) throw new CarillonError("CALLBACK_REFUSED", `the provider ${name} is not in use, or sends no receipts by ${source}`);
      return read(original, options);
    }),
  };
};
