import type { KeyCheck, StoredKeyCheck } from "./key-check.js";
import type { KeyUse } from "./key-use.js";
import type { TenantLimits } from "./limits/tenant-limits.js";
import type { TenantReader } from "./tenant-reader.js";
import type { TokenCheck } from "./user-tokens.js";

/** How a process identifies its callers. */
export interface RunningAccess {
  readonly tenants: TenantReader;
  readonly keyUse: KeyUse;
  readonly limits: TenantLimits;
  readonly checkKey: KeyCheck;
  readonly checkToken: TokenCheck;
  /** For sessions, which name a key of the store instead of giving it. */
  readonly checkStoredKey: StoredKeyCheck;
}
