import { CarillonError } from "../../schemas/errors.js";
import { type KeyRing, sealedPrefix } from "./key-ring.js";

/** Where a secret belongs: a sealed secret that was copied elsewhere is not opened there. */
export interface SecretPlace {
  readonly tenant: string;
  /** Its place in the tenant's settings, such as `providers.smtp`. */
  readonly of: string;
  /** Its name at that place, such as `password`. */
  readonly name: string;
}

/** Seals the secrets of tenants, which are stored with their settings. */
export interface TenantSecrets {
  /** Throws CONFLICT if no key is configured that seals. */
  seal(place: SecretPlace, secret: string): string;
  /** Throws DECRYPTION_FAILED, also for a secret of another place. */
  open(place: SecretPlace, sealed: string): string;
  /** Whether a secret is sealed under the active key. Without one, nothing can be sealed again. */
  isCurrent(sealed: string): boolean;
  /** Throws DECRYPTION_FAILED for a secret that cannot be opened, wherever it belongs. */
  assertReadable(sealed: string): void;
  /** The secret under the active key, for the same place. Throws DECRYPTION_FAILED, and CONFLICT like `seal`. */
  reseal(sealed: string): string;
}

const unsealed = (): CarillonError =>
  new CarillonError("CONFLICT", "no key is configured under which secrets of tenants could be encrypted", {
    field: "secrets",
    fix: "the operator configures encryption.keys and encryption.active",
  });

const elsewhere = ({ of, name }: SecretPlace): CarillonError =>
  new CarillonError("DECRYPTION_FAILED", `the secret ${name} of ${of} was sealed for another place`, { fix: "set the secret again" });

const isPlace = (read: unknown, { tenant, of, name }: SecretPlace): read is readonly [string, string, string, string] =>
  Array.isArray(read) && read.length === 4 && read[0] === tenant && read[1] === of && read[2] === name && typeof read[3] === "string";

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const createTenantSecrets = (ring: KeyRing | undefined): TenantSecrets => {
  const active = ring?.activePrefix;
  const sealText = (text: string): string => {
    if (!ring || active === undefined) throw unsealed();
    return ring.sealText(text);
  };
  const openText = (sealed: string): string => {
    if (ring) return ring.openText(sealed);
    const name = sealed.slice(sealedPrefix.length).split(":", 1)[0] ?? "";
    throw new CarillonError("DECRYPTION_FAILED", `data encrypted with the key ${name} cannot be read: the key is not configured`, {
      fix: `add it as encryption.keys.${name}`,
    });
  };
  return {
    seal: (place, secret) => sealText(JSON.stringify([place.tenant, place.of, place.name, secret])),
    open: (place, sealed) => {
      const read = parsed(openText(sealed));
      if (!isPlace(read, place)) throw elsewhere(place);
      return read[3];
    },
    isCurrent: (sealed) => active === undefined || sealed.startsWith(active),
    assertReadable: (sealed) => void openText(sealed),
    reseal: (sealed) => sealText(openText(sealed)),
  };
};
