import { sealedPrefix } from "../stores/sealed/key-ring.js";
import { keyPrefixes } from "./api-keys.js";

/** Stands for a secret in the audit log. */
export const hiddenSecret = "[secret]";

/** Fields whose values are secret, whatever they are. A digest is no secret by itself, but the log does not need it. */
const secretFields = /^(digest|secrets?|password|passphrase|token|authorization|credentials?|api-?key|private-?key)$/i;

const secretText = (text: string): boolean =>
  text.startsWith(sealedPrefix) || text.includes(keyPrefixes.live) || text.includes(keyPrefixes.test);

const hideAll = (value: unknown): unknown => {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map(hideAll);
  // the names of secrets show which of them changed
  if (typeof value === "object") return Object.fromEntries(Object.keys(value).map((name) => [name, hiddenSecret]));
  return hiddenSecret;
};

/** A copy of a state for the audit log, as JSON has it, without secrets. */
export const withoutSecrets = (value: unknown): unknown => {
  if (typeof value === "string") return secretText(value) ? hiddenSecret : value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, own]) => [name, secretFields.test(name) ? hideAll(own) : withoutSecrets(own)]),
  );
};
