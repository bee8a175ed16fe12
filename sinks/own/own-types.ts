import { z } from "zod";
import { ownProviderKeys } from "../../config/providers.js";
import type { ProviderDefinition } from "../providers/definition.js";
import { providerDefinitions } from "../providers/registry.js";

/** A type of provider that tenants may have, with the options that they can give. */
export interface OwnType {
  readonly definition: ProviderDefinition;
  readonly schema: z.ZodObject;
}

const typeOf = (definition: ProviderDefinition): readonly OwnType[] => {
  const { tenantUse, options } = definition;
  if (!tenantUse.allowed) return [];
  const left = Object.fromEntries(Object.entries(options.shape).filter(([name]) => !tenantUse.without.includes(name)));
  return [{ definition, schema: z.strictObject({ ...left, ...ownProviderKeys }) }];
};

export const ownTypes: readonly OwnType[] = providerDefinitions.flatMap(typeOf);

export const ownTypeOf = (type: string): OwnType | undefined => ownTypes.find(({ definition }) => definition.type === type);

/** Why tenants cannot have providers of a type. */
export const refusalOfType = (type: string): string => {
  const use = providerDefinitions.find((one) => one.type === type)?.tenantUse;
  return use?.allowed === false ? `cannot be ${type}, which ${use.because}` : "is not a type of provider";
};
