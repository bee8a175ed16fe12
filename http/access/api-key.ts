import type { Config } from "../../config/schema.js";

/** Who sends a request. */
export interface Identity {
  /** Whose messages it sends. */
  readonly tenant: string;
  /** Whether it may see and change data of all tenants. */
  readonly operator: boolean;
}

export type ApiKey = Config["http"]["apiKeys"][number];
