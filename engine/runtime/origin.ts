import type { LogRecord } from "../../stores/event-log/event-log.js";

/** The header with a redriven record's original position. */
export const originHeader = "carillon-origin";

/** The record's original position: the same after redelivery and redrive. */
export const originOf = (record: Pick<LogRecord, "topic" | "partition" | "offset" | "headers">): string =>
  record.headers[originHeader]?.toString() ?? `${record.topic}/${record.partition}/${record.offset}`;
