import type { Tenant } from "../stores/tenants/tenants.js";
import type { TenantReader } from "./tenant-reader.js";
import type { TenantSnapshot } from "./tenant-snapshot.js";

/** Senders that a tenant's messages may name, by channel, the default one first. Other channels have those of the configuration. */
export type TenantSenders = Tenant["settings"]["senders"];

/** What the settings of a tenant change about its messages. */
export interface TenantRules {
  readonly senders: TenantSenders;
  /** Null: the configuration's. */
  readonly criticalPerSecond: number | null;
}

/** The rules of a tenant: at once while this process knows them, otherwise a promise. */
export type TenantRulesOf = (tenant: string) => TenantRules | Promise<TenantRules>;

const none: TenantRules = { senders: {}, criticalPerSecond: null };

export const noTenantRules: TenantRulesOf = () => none;

const rulesIn = (snapshot: Pick<TenantSnapshot, "tenants"> | undefined, tenant: string): TenantRules => {
  const settings = snapshot?.tenants.get(tenant)?.settings;
  return settings ? { senders: settings.senders, criticalPerSecond: settings.rates.criticalPerSecond } : none;
};

export const createTenantRules =
  (reader: Pick<TenantReader, "peek" | "lastKnown">): TenantRulesOf =>
  (tenant) => {
    const fresh = reader.peek();
    return fresh ? rulesIn(fresh, tenant) : reader.lastKnown().then((known) => rulesIn(known, tenant));
  };
