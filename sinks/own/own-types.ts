import { z } from "zod";
import { ownProviderKeys } from "../../config/providers.js";
import type { ProviderDefinition } from "../providers/definition.js";
import { providerDefinitions } from "../providers/registry.js";

/** A type of provider that tenants may have, with the options that they can give. */
export interface OwnType {
  readonly definition: ProviderDefinition;
  readonly schema: z.ZodObject;
}

/** The schema of an option without its default. */
const withoutDefault = (schema: z.core.$ZodType): z.core.$ZodType => {
  if (!(schema instanceof z.ZodDefault)) return schema;
  const { description } = schema;
  const inner = schema.unwrap();
  return description !== undefined && inner instanceof z.ZodType ? inner.describe(description) : inner;
};

const typeOf = (definition: ProviderDefinition): readonly OwnType[] => {
  const { tenantUse, options } = definition;
  if (!tenantUse.allowed) return [];
  const { without, required = [] } = tenantUse;
  const left = Object.fromEntries(
    Object.entries(options.shape)
      .filter(([name]) => !without.includes(name))
      .map(([name, schema]) => [name, required.includes(name) ? withoutDefault(schema) : schema]),
  );
  return [{ definition, schema: z.strictObject({ ...left, ...ownProviderKeys }) }];
};

export const ownTypes: readonly OwnType[] = providerDefinitions.flatMap(typeOf);

export const ownTypeOf = (type: string): OwnType | undefined => ownTypes.find(({ definition }) => definition.type === type);

/** Why tenants cannot have providers of a type. */
export const refusalOfType = (type: string): string => {
  const use = providerDefinitions.find((one) => one.type === type)?.tenantUse;
  return use?.allowed === false ? `cannot be ${type}, which ${use.because}` : "is not a type of provider";
};
