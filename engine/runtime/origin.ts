import type { LogRecord } from "../../stores/event-log/event-log.js";

/** The header that says where a redriven record was first. */
export const originHeader = "carillon-origin";

/** Where the record was first: the same for a redelivered and a redriven one. */
export const originOf = (record: LogRecord): string =>
  record.headers[originHeader]?.toString() ?? `${record.topic}/${record.partition}/${record.offset}`;
