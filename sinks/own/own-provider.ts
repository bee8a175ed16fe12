import type { ProviderConfig } from "../../config/providers.js";
import { CarillonError } from "../../schemas/errors.js";
import type { SecretPlace, TenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import type { TenantProvider } from "../../stores/tenants/tenants.js";
import type { ProviderDefinition } from "../providers/definition.js";
import type { ProviderLimits } from "../routing/routed-provider.js";
import { checkOwnProvider, type OwnProviderGiven } from "./own-provider-input.js";
import { scopedName } from "./scoped-name.js";
import { optionsOfStored, secretPathOf, storedOptionsOf, storedSecretName } from "./stored-options.js";

/** A provider of a tenant's own, ready to be created. */
export interface OwnProvider {
  /** Scoped by the tenant. */
  readonly name: string;
  readonly definition: ProviderDefinition;
  /** With defaults and secrets. */
  readonly options: OwnOptions;
  /** The values of its secrets, to mask them. */
  readonly secrets: readonly string[];
}

export type OwnOptions = Readonly<Record<string, unknown>> &
  Pick<ProviderConfig, "callback" | "receiptTimes"> & { readonly limits: Omit<ProviderLimits, "inFlightPerTenant"> };

const placeOf = (tenant: string, name: string, path: string): SecretPlace => ({ tenant, of: `providers.${name}`, name: path });

/** The provider as it is stored, with sealed secrets. Throws CONFLICT if no key is configured that seals them. */
export const sealedProvider = (
  tenant: string,
  name: string,
  { type, options, secrets }: OwnProviderGiven,
  seals: TenantSecrets,
): TenantProvider => ({
  type,
  options: storedOptionsOf(options),
  secrets: Object.fromEntries(
    Object.entries(secrets).map(([path, secret]) => [storedSecretName(path), seals.seal(placeOf(tenant, name, path), secret)]),
  ),
});

/** Every secret of the stored provider, opened, by its path. Throws DECRYPTION_FAILED. */
export const openedSecrets = (
  tenant: string,
  name: string,
  { secrets }: Pick<TenantProvider, "secrets">,
  seals: TenantSecrets,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(secrets).map(([stored, sealed]) => {
      const path = secretPathOf(stored);
      return [path, seals.open(placeOf(tenant, name, path), sealed)];
    }),
  );

/** The options as they were given. */
export const givenOptionsOf = ({ options }: Pick<TenantProvider, "options">): Readonly<Record<string, unknown>> => optionsOfStored(options);

/**
 * Reads a stored provider. Throws CONFIG_INVALID for one that this version cannot use, and DECRYPTION_FAILED if its secrets cannot be opened.
 */
export const openOwnProvider = (tenant: string, name: string, stored: TenantProvider, seals: TenantSecrets): OwnProvider => {
  const secrets = openedSecrets(tenant, name, stored, seals);
  const checked = checkOwnProvider({ type: stored.type, options: optionsOfStored(stored.options), secrets });
  if ("errors" in checked) {
    const [first] = checked.errors;
    throw new CarillonError("CONFIG_INVALID", `${first?.field} ${first?.problem}`, { fix: "set the provider again" });
  }
  const { of, parsed } = checked.value;
  return {
    name: scopedName(tenant, name),
    definition: of.definition,
    options: parsed as OwnOptions,
    secrets: Object.values(secrets),
  };
};
