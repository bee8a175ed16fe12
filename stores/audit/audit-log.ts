/** Bounds that every adapter enforces. */
export const auditBounds = {
  /** Entries in one call, and most of one page. */
  batch: 1_000,
  /** Bytes of one entry as JSON. */
  entryBytes: 65_536,
  /** Entries that one call of `forget` or `erase` changes. */
  bite: 5_000,
} as const;

/** The state of the target before or after the change, without secrets. */
export type AuditState = Readonly<Record<string, unknown>> | null;

export interface Person {
  /** The tenant of the person; null: the installation. */
  readonly tenant: string | null;
  readonly id: string;
}

/** One administrative change. */
export interface AuditEntry {
  /** Begins with the time, see audit-id.ts. Recording an id again changes nothing. */
  readonly id: string;
  /** Who made the change, such as `key:shop:k1`. */
  readonly actor: string;
  /** What was done, such as `key.revoke`. */
  readonly action: string;
  /** The tenant whose data changed; null: the installation. */
  readonly tenant: string | null;
  /** What changed, such as `key k1`. */
  readonly target: string;
  readonly before: AuditState;
  readonly after: AuditState;
  readonly requestId: string | null;
  /** The people whom the entry concerns, as actor or as target. The entry is found by them when one of them is erased. */
  readonly people: readonly Person[];
}

/** An entry as it is stored. `at` is the time in its id. */
export interface StoredAuditEntry extends AuditEntry {
  readonly at: Date;
  /** Whether a person was erased: actor, target and states are then gone. */
  readonly erased: boolean;
}

export interface AuditPage {
  /** Only entries of this tenant; null: of the installation; undefined: all. */
  readonly tenant?: string | null | undefined;
  /** Only entries before this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/**
 * The log of administrative changes.
 * Order: pages go back in time, by the ids of the entries. An entry that is recorded during the listing appears in no later page, unless a
 * clock that is behind made its id.
 * Atomicity: the entries of one call are separate steps. All of them are stored, once each, when the call is repeated until it succeeds.
 * Durability: an answer means that the change is durable.
 * Personal data: `actor`, `target`, `before`, `after` and `people`, which `erase` removes. Retention is by `forget`.
 * All methods reject INPUT_INVALID for entries and ids of another form, and STORE_DAMAGED for a stored entry of another shape.
 */
export interface AuditLog {
  record(entries: readonly AuditEntry[]): Promise<void>;
  page(page: AuditPage): Promise<readonly StoredAuditEntry[]>;
  /** Removes entries before this time, oldest first. Resolves with their number, at most `bite`: call again until it is 0. */
  forget(before: Date): Promise<number>;
  /** Removes a person from entries. Resolves with the number of entries, at most `bite`: call again until it is 0. */
  erase(person: Person): Promise<number>;
  close(): Promise<void>;
}
