import { isDeepStrictEqual } from "node:util";
import { type Checked, isValid } from "../../client/check-input.js";
import { CarillonError } from "../../schemas/errors.js";
import { givenOptionsOf, sealedProvider } from "../../sinks/own/own-provider.js";
import { type CheckedOwnProvider, checkOwnProvider } from "../../sinks/own/own-provider-input.js";
import { ownTypeOf } from "../../sinks/own/own-types.js";
import { secretPathOf } from "../../sinks/own/stored-options.js";
import { missingProof } from "../../sources/callbacks/callback-checks.js";
import type { CallbackTarget } from "../../sources/callbacks/read-callback.js";
import type { TenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import { type Tenant, type TenantProvider, type TenantSettings, tenantBounds } from "../../stores/tenants/tenants.js";
import { changeTenant, putOf, type TenantTools, tenantOf } from "./change-tenant.js";
import type { Author } from "./record-change.js";

/** A provider of a tenant's own, without its secrets. */
export interface OwnProviderView {
  readonly name: string;
  readonly type: string;
  readonly channels: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** The names of its secret options. */
  readonly secrets: readonly string[];
  /** The path for the provider's callbacks; null if the type has none. */
  readonly callbackPath: string | null;
}

export interface OwnProviderName {
  readonly tenantId: string;
  readonly name: string;
}

const callbackPathOf = ({ tenantId, name }: OwnProviderName): string =>
  ["/v1/callbacks", encodeURIComponent(tenantId), encodeURIComponent(name)].join("/");

const viewOf = (which: OwnProviderName, stored: TenantProvider): OwnProviderView => {
  const definition = ownTypeOf(stored.type)?.definition;
  return {
    name: which.name,
    type: stored.type,
    channels: definition?.channels ?? [],
    options: givenOptionsOf(stored),
    secrets: Object.keys(stored.secrets).map(secretPathOf),
    callbackPath: definition?.callbacks ? callbackPathOf(which) : null,
  };
};

const plainName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const assertName = (name: string): void => {
  if (!plainName.test(name))
    throw new CarillonError("INPUT_INVALID", "is not a name of a provider", {
      field: "name",
      fix: "use at most 64 letters, digits, hyphens and underscores, beginning with a letter or digit",
    });
};

/** In the order of their names. */
export const listOwnProviders = async (tools: Pick<TenantTools, "stores">, tenantId: string): Promise<readonly OwnProviderView[]> => {
  const { settings } = await tenantOf(tools, tenantId);
  return Object.entries(settings.providers)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, stored]) => viewOf({ tenantId, name }, stored));
};

/** Checks a provider as given. Receipts that anyone could post are refused, as in the configuration. */
export const checkProvider = (input: unknown): Checked<CheckedOwnProvider> => {
  const checked = checkOwnProvider(input);
  if (!isValid(checked)) return checked;
  const fix = missingProof(checked.value.of.definition, checked.value.parsed as CallbackTarget["options"]);
  if (fix === undefined) return checked;
  const problem = "is missing: receipts arrive by callbacks without authentication";
  return { errors: [{ field: "options.callback", reason: "invalid_request", problem, fix }] };
};

const routesNaming = ({ routes }: TenantSettings, name: string): readonly string[] =>
  Object.entries(routes).flatMap(([channel, names]) => (names.includes(name) ? [channel] : []));

const assertFits = ({ settings }: Tenant, name: string, { of }: CheckedOwnProvider): void => {
  const isNew = !Object.hasOwn(settings.providers, name);
  if (isNew && Object.keys(settings.providers).length >= tenantBounds.providers)
    throw new CarillonError("CONFLICT", `the tenant has ${tenantBounds.providers} providers, which is the most`, {
      field: "name",
      fix: "remove one first",
    });
  const unfit = routesNaming(settings, name).find((channel) => !of.definition.channels.some((one) => one === channel));
  if (unfit !== undefined)
    throw new CarillonError("CONFLICT", `the route of ${unfit} names the provider, and ${of.definition.type} does not send ${unfit}`, {
      field: "type",
      fix: "change the route first, or use another name",
    });
};

/** Creates or replaces a provider. `isNew`: there was none of this name. */
export const setOwnProvider = async (
  tools: TenantTools & { readonly secrets: TenantSecrets },
  which: OwnProviderName,
  checked: CheckedOwnProvider,
  by: Author,
): Promise<{ readonly view: OwnProviderView; readonly isNew: boolean }> => {
  const { tenantId, name } = which;
  assertName(name);
  const stored = sealedProvider(tenantId, name, checked, tools.secrets);
  let isNew = false;
  await changeTenant(tools, tenantId, by, (tenant) => {
    assertFits(tenant, name, checked);
    const { settings } = tenant;
    isNew = !Object.hasOwn(settings.providers, name);
    if (isDeepStrictEqual(settings.providers[name], stored)) return undefined;
    const put = { ...putOf(tenant), settings: { ...settings, providers: { ...settings.providers, [name]: stored } } };
    return { action: "provider.set", target: `provider ${name}`, put };
  });
  return { view: viewOf(which, stored), isNew };
};

/** Rejects NOT_FOUND, and CONFLICT while a route names the provider. */
export const removeOwnProvider = async (tools: TenantTools, { tenantId, name }: OwnProviderName, by: Author): Promise<void> => {
  await changeTenant(tools, tenantId, by, (tenant) => {
    const { [name]: removed, ...providers } = tenant.settings.providers;
    if (!removed)
      throw new CarillonError("NOT_FOUND", `the tenant ${tenantId} has no provider ${name}`, { field: "name", fix: "check the name" });
    const [channel] = routesNaming(tenant.settings, name);
    if (channel !== undefined)
      throw new CarillonError("CONFLICT", `the route of ${channel} names the provider ${name}`, {
        field: "name",
        fix: "change or remove the route first",
      });
    const put = { ...putOf(tenant), settings: { ...tenant.settings, providers } };
    return { action: "provider.remove", target: `provider ${name}`, put };
  });
};
