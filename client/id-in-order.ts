import { randomFillSync } from "node:crypto";
import { v7 as uuidInOrder } from "uuid";

const idBytes = 16;

/** Random bytes for many ids: a call for each id would cost more than the rest of it. */
const pool = new Uint8Array(256 * idBytes);
let used = pool.length;

const random = (): Uint8Array => {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += idBytes;
  return pool.subarray(used - idBytes, used);
};

const mostInSequence = 2 ** 31 - 1;
let last = { atMs: -1, sequence: 0 };

/**
 * A unique id that sorts after all earlier ones of this process, and by time among processes. Source: RFC 9562, section 6.2, method 1.
 */
export const idInOrder = (nowMs: number): string => {
  const bytes = random();
  if (nowMs > last.atMs) last = { atMs: nowMs, sequence: ((bytes[6] ?? 0) << 16) | ((bytes[7] ?? 0) << 8) | (bytes[8] ?? 0) };
  else if (last.sequence < mostInSequence) last = { ...last, sequence: last.sequence + 1 };
  else last = { atMs: last.atMs + 1, sequence: 0 };
  return uuidInOrder({ random: bytes, msecs: last.atMs, seq: last.sequence });
};
