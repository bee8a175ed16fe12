import { createHash, randomBytes } from "node:crypto";
import { webhookKinds } from "../../config/webhooks.js";
import type { SecretPlace, TenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import type { TenantWebhook } from "../../stores/tenants/tenants.js";

const placeOf = (tenant: string): SecretPlace => ({ tenant, of: "webhook", name: "secret" });

/** A new signing secret. Source: Standard Webhooks specification, Signature scheme. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;

/** Throws CONFLICT if no key is configured that seals. */
export const sealWebhookSecret = (tenant: string, secret: string, seals: TenantSecrets): string => seals.seal(placeOf(tenant), secret);

/** The secrets of a stored webhook, newest first. Throws DECRYPTION_FAILED. */
export const openWebhookSecrets = (tenant: string, { secrets }: Pick<TenantWebhook, "secrets">, seals: TenantSecrets): readonly string[] =>
  secrets.map((sealed) => seals.open(placeOf(tenant), sealed));

/** The name of the state of a tenant's own webhook. At another address it begins with none, and late calls to the former one change nothing. */
export const ownStateName = (tenant: string, url: string): string =>
  `${tenant}/${createHash("sha256").update(url).digest("base64url").slice(0, 22)}`;

/** The kinds that this version knows. */
export const knownKinds = ({ kinds }: Pick<TenantWebhook, "kinds">) => webhookKinds.filter((kind) => kinds.includes(kind));
