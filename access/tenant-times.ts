/** How old the tenants may be by which a request is decided. */
export const tenantTimes = {
  /** The version is read this often. */
  pollMs: 2_000,
  /** Older tenants are read again before they are used. */
  freshMs: 5_000,
  /** While the store is away, the last known tenants are used for this long. */
  serveMs: 900_000,
  /** All revisions are compared this often: a writer that ended before its answer may have left the version as it was. */
  compareMs: 30_000,
  /** A request waits this long for the tenants to be read again. */
  waitMs: 1_000,
  /** The store has this long to answer with the version. */
  versionMs: 5_000,
} as const;
