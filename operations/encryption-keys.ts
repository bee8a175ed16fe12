import type { Config } from "../config/schema.js";
import { CarillonError } from "../schemas/errors.js";
import type { LineageStore } from "../stores/lineage-store/lineage-store.js";

/** The names of the keys under which recipients and contents are stored; never the keys themselves. */
export interface EncryptionView {
  /** The key that encrypts; null: nothing more is encrypted. */
  readonly active: string | null;
  readonly keys: readonly string[];
}

export interface Rewrapped {
  /** Documents that were encrypted again. */
  readonly documents: number;
  readonly active: string | null;
  /** How long log and dead letters may still need the other keys, in milliseconds. */
  readonly keepMs: number;
}

export const encryptionView = ({ encryption }: Pick<Config, "encryption">): EncryptionView => ({
  active: encryption.active,
  keys: Object.keys(encryption.keys),
});

/** Encrypts all lineage again under the active key. Rejects CONFIG_INVALID if no keys are configured. */
export const rewrapLineage = async (
  { encryption, topics }: Pick<Config, "encryption" | "topics">,
  lineage: Pick<LineageStore, "rewrap">,
  progress: (documents: number) => void,
): Promise<Rewrapped> => {
  if (!lineage.rewrap)
    throw new CarillonError("CONFIG_INVALID", "no keys are configured", {
      field: "encryption.keys",
      fix: "add keys under encryption.keys",
    });
  const documents = await lineage.rewrap(progress);
  return { documents, active: encryption.active, keepMs: Math.max(topics.retentionMs, topics.deadLetterRetentionMs) };
};
