import { isIP } from "node:net";
import type { Config } from "../../config/schema.js";
import { type AddressUse, ofWebhooks, refusedAddress } from "./address-guard.js";
import { isWebhookSecret, secretsOfReceiver } from "./signature.js";

/** The problem with a receiver's address, as far as it is visible before its name is resolved. */
export const unfitReceiver = (address: string, allowed: readonly string[], use: AddressUse = ofWebhooks): string | undefined => {
  const url = new URL(address);
  const plain = url.protocol === "http:";
  if (isIP(url.hostname.replace(/^\[(.*)\]$/, "$1")) !== 0) return refusedAddress(url.hostname, { allowed, plain, use });
  return plain && allowed.length === 0 ? `is not https: use https, or add its range to ${use.key}` : undefined;
};

const unfitSecrets = (secrets: readonly string[]): string[] => [
  ...(secrets.every(isWebhookSecret) ? [] : ["is not whsec_ and 24 to 64 bytes in base64"]),
  ...(new Set(secrets).size < secrets.length ? ["lists the same secret twice"] : []),
];

/** Receivers that webhooks must not call, and secrets that cannot sign. */
export const unfitWebhooks = ({ webhooks }: Config): string[] =>
  Object.entries(webhooks.tenants).flatMap(([tenant, { url, secret }]) => {
    const refused = unfitReceiver(url, webhooks.allowAddresses);
    return [
      ...unfitSecrets(secretsOfReceiver(secret)).map((problem) => `webhooks.tenants.${tenant}.secret: ${problem}`),
      ...(refused === undefined ? [] : [`webhooks.tenants.${tenant}.url: ${refused}`]),
    ];
  });
