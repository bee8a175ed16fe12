import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { type Sealer, sealedByte } from "../../schemas/codec.js";
import { CarillonError } from "../../schemas/errors.js";

/** Encrypts recipients and contents at rest. */
export interface KeyRing extends Sealer {
  /** Deterministic: equal texts have equal results, so that equality can be queried. */
  sealText(text: string): string;
  /** Returns text that was never sealed unchanged. Throws DECRYPTION_FAILED. */
  openText(text: string): string;
  /** All stored forms of a text: plain, and sealed under each key. */
  formsOf(text: string): readonly string[];
  /** Prefix of texts sealed under the active key; undefined when sealing is off. */
  readonly activePrefix: string | undefined;
}

export interface KeyRingOptions {
  /** Name of the sealing key in `keys`; null: sealed data is still readable, and nothing more is sealed. */
  readonly active: string | null;
  /** 32 bytes in base64, by name. */
  readonly keys: Readonly<Record<string, { readonly secret: string }>>;
}

const algorithm = "aes-256-gcm";
const [nonceBytes, tagBytes, keyBytes] = [12, 16, 32];
export const sealedPrefix = "sealed:";

/** Maximum number of records and maximum age of a data key: far below the point where random nonces may repeat. */
const mostUses = 1_000_000;
const mostAgeMs = 600_000;
/** Maximum number of names kept. The records of a message have the same key, and follow one another. */
const mostNames = 10_000;
/** Maximum number of other processes' data keys kept unwrapped. */
const mostUnwrapped = 1_000;

/** Nonces are cut from random blocks: a separate random call for each would cost half as much as encrypting. */
const noncesAtOnce = 512;
let [nonces, used] = [Buffer.alloc(0), 0];
const freshNonce = (): Buffer => {
  if (used === nonces.length) [nonces, used] = [randomBytes(nonceBytes * noncesAtOnce), 0];
  used += nonceBytes;
  return nonces.subarray(used - nonceBytes, used);
};

/** Returns `before`, nonce, ciphertext and tag. `bound`: additional data that is authenticated. */
const encrypt = (key: Buffer, nonce: Buffer, bytes: Buffer, bound: Buffer, before: Buffer): Buffer => {
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(bound);
  const encrypted = cipher.update(bytes);
  cipher.final();
  return Buffer.concat([before, nonce, encrypted, cipher.getAuthTag()]);
};

const decrypt = (key: Buffer, bytes: Buffer, bound: Buffer): Buffer => {
  const end = bytes.length - tagBytes;
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes)).setAAD(bound).setAuthTag(bytes.subarray(end));
  const decrypted = decipher.update(bytes.subarray(nonceBytes, end));
  decipher.final();
  return decrypted;
};

interface Keys {
  readonly name: string;
  /** Wraps data keys. */
  readonly wrap: Buffer;
  /** Encrypts texts. `nonce` is the key that derives a nonce from the text. */
  readonly text: Buffer;
  readonly nonce: Buffer;
  readonly names: Buffer;
}

const derive = (name: string, secret: string): Keys => {
  const from = Buffer.from(secret, "base64");
  const part = (use: string): Buffer => Buffer.from(hkdfSync("sha256", from, Buffer.alloc(0), `carillon ${use}`, keyBytes));
  return { name, wrap: part("wrap"), text: part("text"), nonce: part("nonce"), names: part("names") };
};

/** The first bytes of a record that is sealed under the key. */
const introOf = ({ name }: Keys): Buffer => {
  const bytes = Buffer.from(name);
  return Buffer.concat([Buffer.from([sealedByte, bytes.length]), bytes]);
};

const wrappedBytes = nonceBytes + keyBytes + tagBytes;
const nothing = Buffer.alloc(0);

const notOpened = (name: string, why: string, fix: string): CarillonError =>
  new CarillonError("DECRYPTION_FAILED", `data encrypted with the key ${name} cannot be read: ${why}`, { fix });
const withoutKey = (name: string): CarillonError => notOpened(name, "the key is not configured", `add it as encryption.keys.${name}`);
const changed = (name: string): CarillonError =>
  notOpened(name, "the data was changed, or the key of this name is a different one", `check encryption.keys.${name}`);

/** Substitutes for texts under the key. The latest are remembered. */
const substitutes = ({ names: key }: Keys): ((text: string) => string) => {
  const remembered = new Map<string, string>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const name = createHmac("sha256", key).update(text).digest("base64url");
    if (remembered.size >= mostNames) remembered.clear();
    remembered.set(text, name);
    return name;
  };
};

/**
 * Seals records by envelope encryption: key name, wrapped data key, and content under the data key. Texts are sealed with a key derived
 * from the named key.
 */
export const createKeyRing = ({ active, keys }: KeyRingOptions, now: () => number = Date.now): KeyRing => {
  const all = new Map(Object.entries(keys).map(([name, { secret }]) => [name, derive(name, secret)]));
  const own = active === null ? undefined : all.get(active);
  if (active !== null && !own) throw withoutKey(active);
  const unwrapped = new Map<string, Buffer>();
  let sealing: { readonly key: Buffer; readonly header: Buffer; readonly since: number; uses: number } | undefined;

  const freshDataKey = (own: Keys) => {
    const intro = introOf(own);
    const key = randomBytes(keyBytes);
    const header = encrypt(own.wrap, freshNonce(), key, intro, intro);
    return { key, header, since: now(), uses: 0 };
  };
  const dataKeyOf = (header: Buffer, introBytes: number): Buffer => {
    const id = header.toString("latin1");
    const known = unwrapped.get(id);
    if (known) return known;
    const intro = header.subarray(0, introBytes);
    const name = intro.toString("utf8", 2);
    const wrapping = all.get(name);
    if (!wrapping) throw withoutKey(name);
    const key = decrypt(wrapping.wrap, header.subarray(introBytes), intro);
    const [oldest] = unwrapped.keys();
    if (unwrapped.size >= mostUnwrapped && oldest !== undefined) unwrapped.delete(oldest);
    unwrapped.set(id, key);
    return key;
  };
  const sealWith = ({ name, text: key, nonce }: Keys, text: string): string => {
    const from = createHmac("sha256", nonce).update(text).digest().subarray(0, nonceBytes);
    return `${sealedPrefix}${name}:${encrypt(key, from, Buffer.from(text), nothing, nothing).toString("base64url")}`;
  };

  const ownIntro = own && introOf(own);
  const namesOf = own && substitutes(own);

  return {
    activePrefix: own && `${sealedPrefix}${own.name}:`,
    seal: (bytes) => {
      if (!own) return bytes;
      if (!sealing || sealing.uses >= mostUses || now() - sealing.since > mostAgeMs) sealing = freshDataKey(own);
      sealing.uses += 1;
      return encrypt(sealing.key, freshNonce(), bytes, sealing.header, sealing.header);
    },
    open: (bytes) => {
      const introBytes = 2 + (bytes[1] ?? 0);
      const headerBytes = introBytes + wrappedBytes;
      const header = bytes.subarray(0, headerBytes);
      try {
        return decrypt(dataKeyOf(header, introBytes), bytes.subarray(headerBytes), header);
      } catch (error) {
        throw error instanceof CarillonError ? error : changed(bytes.toString("utf8", 2, introBytes));
      }
    },
    sealText: (text) => (own ? sealWith(own, text) : text),
    openText: (text) => {
      if (!text.startsWith(sealedPrefix)) return text;
      const [name = "", body = ""] = text.slice(sealedPrefix.length).split(":");
      const key = all.get(name);
      if (!key) throw withoutKey(name);
      try {
        return decrypt(key.text, Buffer.from(body, "base64url"), nothing).toString("utf8");
      } catch {
        throw changed(name);
      }
    },
    formsOf: (text) => [text, ...[...all.values()].map((key) => sealWith(key, text))],
    isCurrent: (stored) => (ownIntro ? stored.subarray(0, ownIntro.length).equals(ownIntro) : stored[0] !== sealedByte),
    nameOf: (text) => namesOf?.(text) ?? text,
  };
};
