import type { Config } from "../config/schema.js";
import { CarillonError } from "../schemas/errors.js";
import { createTenantSecrets } from "../stores/sealed/tenant-secrets.js";
import type { Stores } from "../stores/stores.js";
import { countSecrets, resealTenants, type SecretCounts } from "./tenants/tenant-seals.js";

/** The names of the keys under which recipients and contents are stored; never the keys themselves. */
export interface EncryptionView {
  /** The key that encrypts; null: nothing more is encrypted. */
  readonly active: string | null;
  readonly keys: readonly string[];
  readonly tenantSecrets: SecretCounts;
}

export interface Rewrapped {
  /** Documents that were encrypted again. */
  readonly documents: number;
  /** Secrets of tenants that were encrypted again. */
  readonly tenantSecrets: number;
  readonly active: string | null;
  /** How long log and dead letters may still need the other keys, in milliseconds. */
  readonly keepMs: number;
}

export const encryptionView = async (
  { encryption }: Pick<Config, "encryption">,
  { tenants, keys }: Pick<Stores, "tenants" | "keys">,
): Promise<EncryptionView> => ({
  active: encryption.active,
  keys: Object.keys(encryption.keys),
  tenantSecrets: await countSecrets(tenants, createTenantSecrets(keys)),
});

/** Encrypts all lineage and all secrets of tenants again under the active key. Rejects CONFIG_INVALID if no keys are configured. */
export const rewrapStores = async (
  { encryption, topics }: Pick<Config, "encryption" | "topics">,
  { lineage, tenants, keys }: Pick<Stores, "lineage" | "tenants" | "keys">,
  progress: (documents: number) => void,
): Promise<Rewrapped> => {
  if (!lineage.rewrap)
    throw new CarillonError("CONFIG_INVALID", "no keys are configured", {
      field: "encryption.keys",
      fix: "add keys under encryption.keys",
    });
  const tenantSecrets = await resealTenants(tenants, createTenantSecrets(keys));
  const documents = await lineage.rewrap(progress);
  const keepMs = Math.max(topics.retentionMs, topics.deadLetterRetentionMs);
  return { documents, tenantSecrets, active: encryption.active, keepMs };
};
