/**
 * How a Kafka protocol error affects the current work. Source: https://kafka.apache.org/protocol, Error Codes.
 * - `passing`: the same request may succeed later, once brokers and leaders are back.
 * - `record`: no broker with this configuration ever accepts this record.
 * - `denied`: an operator has to grant or configure something first. The work waits, and nothing is lost.
 * - `fenced`: another worker has the partition.
 */
export type BrokerErrorClass = "passing" | "record" | "denied" | "fenced";

const classes: Readonly<Record<Exclude<BrokerErrorClass, "passing">, readonly string[]>> = {
  record: ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE", "INVALID_RECORD", "INVALID_TIMESTAMP", "UNSUPPORTED_FOR_MESSAGE_FORMAT"],
  denied: [
    "TOPIC_AUTHORIZATION_FAILED",
    "GROUP_AUTHORIZATION_FAILED",
    "CLUSTER_AUTHORIZATION_FAILED",
    "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
    "DELEGATION_TOKEN_AUTH_DISABLED",
    "DELEGATION_TOKEN_NOT_FOUND",
    "DELEGATION_TOKEN_OWNER_MISMATCH",
    "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
    "DELEGATION_TOKEN_AUTHORIZATION_FAILED",
    "DELEGATION_TOKEN_EXPIRED",
    "SASL_AUTHENTICATION_FAILED",
    "UNSUPPORTED_SASL_MECHANISM",
    "ILLEGAL_SASL_STATE",
    "SECURITY_DISABLED",
    "UNACCEPTABLE_CREDENTIAL",
    "INVALID_PRINCIPAL_TYPE",
    "PRINCIPAL_DESERIALIZATION_FAILURE",
    "INVALID_TOPIC_EXCEPTION",
    "INVALID_GROUP_ID",
    "INVALID_SESSION_TIMEOUT",
    "INCONSISTENT_GROUP_PROTOCOL",
    "GROUP_MAX_SIZE_REACHED",
    "UNSUPPORTED_ASSIGNOR",
    "UNSUPPORTED_VERSION",
    "UNSUPPORTED_COMPRESSION_TYPE",
    "INVALID_REQUIRED_ACKS",
    "INVALID_TRANSACTION_TIMEOUT",
    "INVALID_COMMIT_OFFSET_SIZE",
    "OFFSET_METADATA_TOO_LARGE",
    "INVALID_PARTITIONS",
    "INVALID_REPLICATION_FACTOR",
    "INVALID_REPLICA_ASSIGNMENT",
    "INVALID_CONFIG",
    "INVALID_REQUEST",
    "POLICY_VIOLATION",
    "TOPIC_DELETION_DISABLED",
  ],
  fenced: [
    "ILLEGAL_GENERATION",
    "UNKNOWN_MEMBER_ID",
    "FENCED_INSTANCE_ID",
    "FENCED_MEMBER_EPOCH",
    "STALE_MEMBER_EPOCH",
    "INVALID_PRODUCER_EPOCH",
    "PRODUCER_FENCED",
    "INVALID_PRODUCER_ID_MAPPING",
    "REBALANCE_IN_PROGRESS",
  ],
};

const classByName = new Map(
  Object.entries(classes).flatMap(([kind, names]) => names.map((name) => [name, kind as BrokerErrorClass] as const)),
);

/** Classifies an error by its names. Fencing comes first, then the errors that a retry cannot resolve. */
export const classOf = (names: readonly string[]): BrokerErrorClass => {
  const found = new Set(names.map((name) => classByName.get(name)));
  return (["fenced", "record", "denied"] as const).find((kind) => found.has(kind)) ?? "passing";
};
