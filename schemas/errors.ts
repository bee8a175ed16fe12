/** Every error that Carillon raises, by code. `retryable`: the same call may succeed later. */
export const errorCodes = {
  UNDECODABLE: { retryable: false, means: "the bytes are not in the wire format or do not match their schema" },
  UNREADABLE: { retryable: false, means: "a batch of records is damaged, too large, or compressed with an unknown codec" },
  UNKNOWN_SCHEMA: { retryable: false, means: "the registry has no schema with this id" },
  WRONG_TYPE: { retryable: false, means: "the record's schema is not the schema of this topic" },
  NEWER_RECORD: {
    retryable: false,
    means:
      "the record has a value that only a later version of Carillon can read, and no such worker took it within runtime.requeueTimeoutMs",
  },
  DECRYPTION_FAILED: { retryable: false, means: "encrypted data cannot be read with the configured keys" },
  INCOMPATIBLE_SCHEMA: { retryable: false, means: "the schema is incompatible with earlier versions of its subject" },
  UNENCODABLE: { retryable: false, means: "the value does not match its schema" },
  UNKNOWN_RECEIPT: { retryable: false, means: "no message was found for a receipt, even after waiting" },
  RECEIPT_MISMATCH: {
    retryable: false,
    means: "a receipt names an attempt with another provider, channel, recipient or id",
  },
  STAGE_FAILED: { retryable: false, means: "a stage failed on this record" },
  READER_FAILED: { retryable: false, means: "the reader of a source failed on an event from a provider" },
  STAGE_TIMEOUT: { retryable: true, means: "a stage exceeded its deadline; a record that repeatedly does so becomes a dead letter" },
  UNAVAILABLE: { retryable: true, means: "a required server is unavailable" },
  RECORD_REFUSED: { retryable: false, means: "the log rejects this record permanently: it is too large for its topic, or invalid there" },
  RECORDS_DELETED: { retryable: false, means: "records were deleted from a topic before Carillon read them, for example by its retention" },
  KAFKA_DENIED: {
    retryable: true,
    means: "Kafka rejects the account or the configuration; the affected work is paused until this is fixed",
  },
  FENCED: { retryable: true, means: "another worker has taken over the partition" },
  CALLBACK_REFUSED: {
    retryable: false,
    means: "a callback does not match the provider's documentation, or does not come from the provider",
  },
  WEBHOOK_FAILED: { retryable: false, means: "all attempts to deliver an event to a tenant's webhook failed" },
  UNSENDABLE: { retryable: false, means: "the message cannot be converted into a request to the provider; nothing was sent" },
  IDEMPOTENCY_CONFLICT: { retryable: false, means: "an idempotency key was already used with different content" },
  INPUT_INVALID: { retryable: false, means: "an option, a file or a field of a command or request is invalid" },
  CONFIG_INVALID: { retryable: false, means: "the configuration has errors" },
  TOPOLOGY_INVALID: { retryable: false, means: "the topology has errors" },
  PARTITIONS_SHRINK: { retryable: false, means: "the configuration sets fewer partitions than a topic has" },
  DATA_DIR_LOCKED: { retryable: false, means: "another process is using the data folder" },
  DISK_FULL: { retryable: true, means: "the file system of the data folder has no space beyond its reserve, or rejects writes" },
  STORE_MOVED: { retryable: true, means: "files of the embedded store were moved, removed or replaced while a process was using it" },
  STORE_DAMAGED: { retryable: false, means: "the files of the embedded store are damaged, or are not a store" },
  FILTER_REFUSED: { retryable: false, means: "a query uses an operator that is not allowed" },
  FILTER_TOO_SLOW: { retryable: false, means: "a query exceeded its deadline" },
  SERVER_INCOMPATIBLE: { retryable: false, means: "a server is reachable, but its settings or version are unsuitable" },
  THREAD_ENDED: {
    retryable: false,
    means: "a thread ended by an unhandled error or out of memory; its process ends too",
  },
  CANNOT_LISTEN: { retryable: false, means: "Carillon cannot listen on the configured address and port" },
  DEADLINE_PASSED: { retryable: true, means: "the operation did not complete within its deadline" },
  BUSY: { retryable: true, means: "too many concurrent requests" },
  UNAUTHORIZED: { retryable: false, means: "a key is missing, or the server does not know it" },
  FORBIDDEN: { retryable: false, means: "the resource belongs to another tenant, or the key may not use it" },
  CONFLICT: { retryable: false, means: "the resource exists already, or its state does not allow the operation" },
  NOT_FOUND: { retryable: false, means: "the resource does not exist" },
  CLOSED: { retryable: false, means: "the resource was closed" },
} as const satisfies Record<string, { retryable: boolean; means: string }>;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorOptions {
  readonly cause?: unknown;
  /** The field, parameter, option or key at fault. The message starts with it. */
  readonly field?: string;
  /** What the reader can do about it. */
  readonly fix?: string;
  /** The part of the message that is safe for strangers: no addresses, paths or library messages. */
  readonly publicWords?: string;
  /** The server that does not answer, if everything that needs it fails. */
  readonly server?: string;
}

/** Known to every copy of the class: a program may hold several, in the bundles of its packages. */
const brand = Symbol.for("carillon.error");

/** Whether it is a readable CarillonError. Any value can be thrown, also one whose getters and traps throw. */
const isBranded = (value: object): boolean => {
  try {
    const {
      [brand]: branded,
      code,
      message,
    } = value as { readonly [brand]?: unknown; readonly code?: unknown; readonly message?: unknown };
    return branded === true && typeof code === "string" && typeof message === "string";
  } catch {
    return false;
  }
};

export class CarillonError extends Error {
  override readonly name = "CarillonError";
  readonly retryable: boolean;
  /** The message without the field. */
  readonly problem: string;
  readonly field: string | undefined;
  readonly fix: string | undefined;
  readonly publicWords: string | undefined;
  readonly server: string | undefined;

  constructor(
    readonly code: ErrorCode,
    problem: string,
    options: ErrorOptions = {},
  ) {
    super(options.field === undefined ? problem : `${options.field}: ${problem}`, { cause: options.cause });
    Object.defineProperty(this, brand, { value: true });
    this.retryable = errorCodes[code].retryable;
    this.problem = problem;
    this.field = options.field;
    this.fix = options.fix;
    this.publicWords = options.publicWords;
    this.server = options.server;
  }
}

// outside of the class, because a bundler renames a class that names itself
Object.defineProperty(CarillonError, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    // subclasses inherit this method, and their errors are those of their own copy
    if (this !== CarillonError) return Error[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && isBranded(value);
  },
});

const mostCauses = 10;
const mostCharacters = 65_536;

const unknownError = "unknown error";

/** The message of one thrown value, without its causes. */
const ownWordsOf = (thrown: unknown): string => {
  try {
    if (typeof thrown !== "object" || thrown === null) return String(thrown);
    const { message, name, code, errors } = thrown as Readonly<Record<string, unknown>>;
    if (typeof message === "string" && message !== "") return message;
    if (Array.isArray(errors) && errors.length > 0) return "";
    const known = [code, name].find((text) => typeof text === "string" && text !== "");
    if (typeof known === "string") return known;
    return JSON.stringify(thrown) ?? unknownError;
  } catch {
    return unknownError;
  }
};

/** The causes that a thrown value names: none if it cannot be read. */
const ownCausesOf = (thrown: object): readonly unknown[] => {
  try {
    const { errors, cause } = thrown as { readonly errors?: unknown; readonly cause?: unknown };
    const tried: readonly unknown[] = thrown instanceof AggregateError && Array.isArray(errors) ? errors.slice(0, mostCauses) : [];
    return [...tried, cause];
  } catch {
    return [];
  }
};

/** A thrown value and all its causes, outermost first. Bounded, and safe if the causes form a cycle. */
export const causesOf = (thrown: unknown): readonly unknown[] => {
  const found = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (value === undefined || value === null || found.has(value) || found.size >= mostCauses) return;
    found.add(value);
    if (typeof value === "object") for (const cause of ownCausesOf(value)) visit(cause);
  };
  visit(thrown);
  return [...found];
};

/** The message of any thrown value, followed by those of its causes that add information. */
export const messageOf = (thrown: unknown): string => {
  const words: string[] = [];
  for (const cause of causesOf(thrown)) {
    const own = ownWordsOf(cause);
    if (own !== "" && !words.some((earlier) => earlier.includes(own))) words.push(own);
  }
  return words.join(": ").slice(0, mostCharacters) || (typeof thrown === "object" && thrown !== null ? unknownError : String(thrown));
};

/** Wraps a client library's error as "does not answer", unless it is a CarillonError already. */
export const unavailable = (what: string, thrown: unknown): CarillonError =>
  thrown instanceof CarillonError ? thrown : new CarillonError("UNAVAILABLE", `${what}: ${messageOf(thrown)}`, { cause: thrown });

/** Converts a stage's error to a CarillonError. An unknown error is not retryable. */
export const stageFailure = (stage: string, thrown: unknown): CarillonError =>
  thrown instanceof CarillonError ? thrown : new CarillonError("STAGE_FAILED", `${stage}: ${messageOf(thrown)}`, { cause: thrown });

/** A record or request from a later version. `found`: the unknown value. */
export const newerRecord = (found: string): CarillonError =>
  new CarillonError("NEWER_RECORD", `a later version of Carillon wrote this: ${found}`, {
    fix: "finish the upgrade of all processes, then redrive it",
  });

/** Converts anything thrown to a CarillonError: unchanged if it is one, else with the code and the messages of all its causes. */
export const carillonErrorOf = (thrown: unknown, code: ErrorCode = "UNAVAILABLE"): CarillonError =>
  thrown instanceof CarillonError ? thrown : new CarillonError(code, messageOf(thrown), { cause: thrown });
