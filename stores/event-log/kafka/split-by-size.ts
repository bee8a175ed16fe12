import type { OutgoingRecord } from "../event-log.js";

/** The clients do not split sends, and brokers refuse a batch of over 1 MB per partition. No send exceeds this size. */
export const maxSendBytes = 900_000;
const recordOverheadBytes = 100;

const sizeOf = ({ key, value, headers }: OutgoingRecord): number => {
  let size = recordOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, header] of Object.entries(headers ?? {})) size += name.length + header.length + 10;
  return size;
};

/** Splits `items`, in order, into parts that each fit into one send. */
export const splitBySize = <T>(items: readonly T[], recordsOf: (item: T) => readonly OutgoingRecord[]): T[][] => {
  const parts: T[][] = [];
  let part: T[] = [];
  let size = 0;
  for (const item of items) {
    const itemSize = recordsOf(item).reduce((sum, record) => sum + sizeOf(record), 0);
    if (part.length > 0 && size + itemSize > maxSendBytes) {
      parts.push(part);
      part = [];
      size = 0;
    }
    part.push(item);
    size += itemSize;
  }
  if (part.length > 0) parts.push(part);
  return parts;
};
