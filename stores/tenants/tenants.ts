/** Bounds that every adapter enforces. */
export const tenantBounds = {
  /** Tenants in one call of `get`, and most of one page. */
  batch: 1_000,
  /** API keys of one tenant, revoked ones included. */
  keys: 100,
  tokenKeys: 20,
  /** Providers of a tenant's own, and names in one of its routes. */
  providers: 20,
  /** Bytes of one tenant as JSON. Every process keeps all tenants in memory. */
  bytes: 65_536,
} as const;

/** An API key, without the key itself. */
export interface TenantKey {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the key, in base64url. */
  readonly digest: string;
  /** A later version may store scopes that this one does not know. They grant nothing here, and a put keeps them. */
  readonly scopes: readonly string[];
  /** Whether the key reaches the sandbox only. */
  readonly test: boolean;
  readonly createdAt: Date;
  /** The key is valid before this time. */
  readonly expiresAt: Date | null;
  /** The key is invalid from this time on. */
  readonly revokedAt: Date | null;
}

/** A key that signs tokens of devices and users. `alg` belongs to the key, so that a token cannot choose it. */
export interface TokenKey {
  readonly kid: string;
  readonly alg: string;
  /** Exactly one of the two is set. */
  readonly jwksUrl: string | null;
  readonly publicKey: string | null;
  readonly createdAt: Date;
}

export interface TenantWebhook {
  readonly url: string;
  /** Sealed, newest first: all of them sign. */
  readonly secrets: readonly string[];
  readonly kinds: readonly string[];
  /** Events from before are not sent. A change of the address keeps it. */
  readonly createdAt: Date;
}

export interface TenantProvider {
  /** Type of the provider, as in the configuration. */
  readonly type: string;
  readonly options: Readonly<Record<string, string | number | boolean | null>>;
  /** Sealed credentials, by option. */
  readonly secrets: Readonly<Record<string, string>>;
}

export interface TenantSettings {
  readonly locale: string | null;
  /** IANA name. */
  readonly timeZone: string | null;
  /** Most messages in a span; null: no limit. */
  readonly quotas: { readonly messagesPerDay: number | null };
  /** Per second. Null: no limit, or for critical messages the installation's. */
  readonly rates: {
    readonly requestsPerSecond: number | null;
    readonly messagesPerSecond: number | null;
    readonly criticalPerSecond: number | null;
  };
  /** Senders that messages may name, by channel. */
  readonly senders: Readonly<Record<string, readonly string[]>>;
  readonly webhook: TenantWebhook | null;
  /** The tenant's own providers, by name. */
  readonly providers: Readonly<Record<string, TenantProvider>>;
  /** Names of providers in the order of their use, by channel. */
  readonly routes: Readonly<Record<string, readonly string[]>>;
}

/** A customer of the platform. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** Requests are accepted only while it is `active`. A later version may store others. */
  readonly status: string;
  /** 1 at first. Grows by one with each put. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly keys: readonly TenantKey[];
  readonly tokenKeys: readonly TokenKey[];
  readonly settings: TenantSettings;
}

/** A tenant to create or replace. `revision` is the one that the caller has read; 0: there must be no such tenant. */
export type TenantPut = Omit<Tenant, "createdAt" | "changedAt">;

export type TenantAnswer =
  /** `revision`: the new one. */
  | { readonly state: "stored"; readonly revision: number }
  /** The stored revision is another one: 0 if there is no such tenant. */
  | { readonly state: "conflict"; readonly revision: number }
  /** Another tenant has a key of this digest, or a token key of this `kid`. */
  | { readonly state: "taken" };

/** By which a request names its tenant: the digest of an API key, or the `kid` of a token. */
export type Credential = { readonly digest: string } | { readonly kid: string };

export interface TenantPage {
  /** Only tenants after this id. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export type TenantRevision = Pick<Tenant, "id" | "revision">;

/**
 * The tenants of the installation, with their API keys and settings.
 * Atomicity: a put replaces the whole tenant if its revision is still the expected one. Of concurrent puts of one revision, one is stored.
 * Uniqueness: a digest or `kid` belongs to at most one tenant, also under concurrent puts.
 * Mixed versions: a put keeps the stored fields that this version does not know, down to those of single keys and providers.
 * Versions: `version` differs from every earlier one after each put that was answered. It may also change without a put. A put whose
 * process ended before its answer can be stored without a new version, so readers also compare `revisions` now and then.
 * Order: pages are ordered by the UTF-8 bytes of the id. A tenant that exists during the whole listing is listed once.
 * Durability: an answer means that the change is durable.
 * Secrets: `put` rejects INPUT_INVALID for a credential that is not sealed.
 * All methods reject INPUT_INVALID for an id longer than `mostIdBytes`, and STORE_DAMAGED for a stored tenant of another shape.
 */
export interface Tenants {
  /** In the order of the ids. */
  get(ids: readonly string[]): Promise<readonly (Tenant | undefined)[]>;
  put(tenant: TenantPut): Promise<TenantAnswer>;
  list(page: TenantPage): Promise<readonly Tenant[]>;
  /** The revisions alone, to find what changed. */
  revisions(page: TenantPage): Promise<readonly TenantRevision[]>;
  find(credential: Credential): Promise<Tenant | undefined>;
  version(): Promise<number>;
  close(): Promise<void>;
}
