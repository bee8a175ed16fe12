import type { TenantReader } from "../../access/tenant-reader.js";
import type { TenantSnapshot } from "../../access/tenant-snapshot.js";
import type { MaybePromise } from "../../engine/stage.js";
import type { DeliveryFeedback } from "../../schemas/generated.js";
import type { TenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import type { TenantWebhook } from "../../stores/tenants/tenants.js";
import { knownKinds, openWebhookSecrets, ownStateName } from "./own-webhook.js";
import { secretsOfReceiver } from "./signature.js";

/** A webhook of the configuration. */
export interface WebhookEndpoint {
  readonly url: string;
  /** One secret, or several during a rotation. */
  readonly secret: string | readonly string[];
  /** The kinds of feedback sent to it. */
  readonly kinds: readonly DeliveryFeedback["kind"][];
}

/** A webhook as it is used now. */
export interface KnownWebhook {
  readonly url: string;
  readonly kinds: readonly DeliveryFeedback["kind"][];
  /** The name of its state. */
  readonly stateName: string;
  /** When a webhook of a tenant's own was created, in milliseconds since 1970 UTC. Undefined: the configuration has it. */
  readonly createdMs?: number;
  /** Newest first: all of them sign. Throws DECRYPTION_FAILED. */
  secrets(): readonly string[];
}

export interface WebhookTable {
  /** Null: the tenant has none. Undefined: unknown, because the tenants have not been read yet. Waits only if they may be outdated. */
  find(tenant: string): MaybePromise<KnownWebhook | null | undefined>;
}

type KnownTenants = Pick<TenantReader, "peek" | "lastKnown">;

/** The webhooks of the configuration, which come first, and those of tenants' own. `tenants` undefined: the process knows none. */
export const createWebhookTable = (
  endpoints: Readonly<Record<string, WebhookEndpoint>>,
  tenants: KnownTenants | undefined,
  seals: TenantSecrets,
): WebhookTable => {
  const configured = new Map(
    Object.entries(endpoints).map(([tenant, { url, kinds, secret }]): [string, KnownWebhook] => {
      const secrets = secretsOfReceiver(secret);
      return [tenant, { url, kinds, stateName: tenant, secrets: () => secrets }];
    }),
  );
  const opened = new WeakMap<TenantWebhook, KnownWebhook>();
  const ownOf = (tenant: string, stored: TenantWebhook): KnownWebhook => {
    const known = opened.get(stored);
    if (known) return known;
    let secrets: readonly string[] | undefined;
    const made: KnownWebhook = {
      url: stored.url,
      kinds: knownKinds(stored),
      stateName: ownStateName(tenant, stored.url),
      createdMs: stored.createdAt.getTime(),
      secrets: () => {
        secrets ??= openWebhookSecrets(tenant, stored, seals);
        return secrets;
      },
    };
    opened.set(stored, made);
    return made;
  };
  const findIn = (snapshot: TenantSnapshot | undefined, tenant: string): KnownWebhook | null | undefined => {
    if (!snapshot) return undefined;
    const stored = snapshot.tenants.get(tenant)?.settings.webhook;
    return stored ? ownOf(tenant, stored) : null;
  };
  return {
    find: (tenant) => {
      const first = configured.get(tenant);
      if (first || !tenants) return first ?? null;
      const fresh = tenants.peek();
      return fresh ? findIn(fresh, tenant) : tenants.lastKnown().then((known) => findIn(known, tenant));
    },
  };
};
