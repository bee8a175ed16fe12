import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const [ivBytes, tagBytes] = [12, 16];

/** A key for one purpose, from a secret. Source: RFC 5869. */
const keyOf = (secret: string, purpose: string): Buffer => Buffer.from(hkdfSync("sha256", secret, "", purpose, 32));

/** Encrypts and authenticates a text with AES-256-GCM, so that its holder can neither read nor change it. */
export const sealText = (text: string, secret: string, purpose: string): string => {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", keyOf(secret, purpose), iv);
  return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64url");
};

/** The text; undefined if it was not sealed with this secret for this purpose. */
export const openText = (sealed: string, secret: string, purpose: string): string | undefined => {
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length < ivBytes + tagBytes) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", keyOf(secret, purpose), bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
};
