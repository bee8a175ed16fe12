import type { Config } from "../config/schema.js";
import { createKeyRing } from "../stores/sealed/key-ring.js";
import { sealedAuditLog } from "../stores/sealed/sealed-audit-log.js";
import { sealedClaims } from "../stores/sealed/sealed-claims.js";
import { sealedDirectory } from "../stores/sealed/sealed-directory.js";
import { sealedLineage, sealedReader } from "../stores/sealed/sealed-lineage.js";
import type { Stores } from "../stores/stores.js";

/**
 * The stores with recipients, contents and free texts encrypted, if keys are configured. Codecs encrypt records, wherever they are stored:
 * log, message cache, timers.
 */
export const withKeys = <Some extends Stores>(stores: Some, { encryption }: Pick<Config, "encryption">, now: () => number): Some => {
  if (Object.keys(encryption.keys).length === 0) return stores;
  const keys = createKeyRing(encryption, now);
  return {
    ...stores,
    audit: sealedAuditLog(stores.audit, keys),
    claims: sealedClaims(stores.claims, keys),
    directory: sealedDirectory(stores.directory, keys),
    lineage: sealedLineage(stores.lineage, keys),
    reports: sealedReader(stores.reports, keys),
    keys,
  };
};
