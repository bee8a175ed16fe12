import type { Config } from "../../config/schema.js";

/** The authenticated caller of a request. */
export interface Identity {
  /** The tenant of its messages. */
  readonly tenant: string;
  /** Whether it may see and change data of all tenants. */
  readonly operator: boolean;
}

export type ApiKey = Config["http"]["apiKeys"][number];
