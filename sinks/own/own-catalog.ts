import type { TenantReader } from "../../access/tenant-reader.js";
import type { TenantSnapshot } from "../../access/tenant-snapshot.js";
import { secretsOf } from "../../config/secrets.js";
import type { MaybePromise } from "../../engine/stage.js";
import { CarillonError } from "../../schemas/errors.js";
import { createSecretMask, type Mask } from "../../schemas/secret-mask.js";
import type { TenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import type { TenantProvider } from "../../stores/tenants/tenants.js";
import { type OwnProvider, openOwnProvider } from "./own-provider.js";
import { type Message, type Step, stepsOf } from "./own-route.js";
import { readScopedName } from "./scoped-name.js";

/** A tenant's own provider, with a mask of its secrets. */
export interface CatalogedProvider extends OwnProvider {
  readonly mask: Mask;
}

/** The providers of tenants' own, as this process knows them. */
export interface OwnCatalog {
  /** The tenants; undefined: none are known yet. Waits only if they may be outdated. */
  tenants(): MaybePromise<TenantSnapshot | undefined>;
  /** The provider of a scoped name; undefined: there is none. Rejects UNAVAILABLE, CONFIG_INVALID and DECRYPTION_FAILED. */
  find(scoped: string): Promise<CatalogedProvider | undefined>;
  /** The own route of a tenant, without waiting; undefined: none is known. */
  routeOf(message: Message): readonly Step[] | undefined;
  /** A stored provider, opened once. Throws CONFIG_INVALID and DECRYPTION_FAILED. */
  open(tenant: string, name: string, stored: TenantProvider): CatalogedProvider;
}

export const createOwnCatalog = (
  reader: Pick<TenantReader, "peek" | "latest" | "lastKnown">,
  secrets: TenantSecrets,
  /** Masks the secrets of the installation. */
  mask: Mask,
): OwnCatalog => {
  const opened = new WeakMap<TenantProvider, CatalogedProvider>();
  const open: OwnCatalog["open"] = (tenant, name, stored) => {
    const known = opened.get(stored);
    if (known) return known;
    const provider = openOwnProvider(tenant, name, stored, secrets);
    const maskOwn = createSecretMask(secretsOf(provider.options, {}, provider.secrets));
    const made = { ...provider, mask: (text: string) => maskOwn(mask(text)) };
    opened.set(stored, made);
    return made;
  };
  const tenants = (): MaybePromise<TenantSnapshot | undefined> => reader.peek() ?? reader.lastKnown();
  return {
    tenants,
    open,
    routeOf: (message) => stepsOf(reader.latest(), message),
    find: async (scoped) => {
      const read = readScopedName(scoped);
      const known = await tenants();
      if (!known) throw new CarillonError("UNAVAILABLE", "the tenants have not been read yet");
      const providers = read && known.tenants.get(read.tenant)?.settings.providers;
      const stored = providers && Object.hasOwn(providers, read.name) ? providers[read.name] : undefined;
      return read && stored ? open(read.tenant, read.name, stored) : undefined;
    },
  };
};
