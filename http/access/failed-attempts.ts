import ipaddr from "ipaddr.js";

/** Slows down guessing of keys, by address. */
export interface FailedAttempts {
  readonly perMinute: number;
  /** Seconds until the address may try this credential; 0 if it may now. */
  waitSeconds(address: string, credential: string): number;
  failed(address: string): void;
  /** Records a valid credential: it keeps working for its address, whatever others at that address guess. */
  succeeded(address: string, credential: string): void;
}

export interface FailedAttemptsOptions {
  /** Failures that an address may make at once, and per minute after that. */
  readonly perMinute: number;
  /** Most addresses, and most valid credentials, that are remembered. */
  readonly most: number;
  /** Milliseconds. */
  readonly now: () => number;
}

const minuteMs = 60_000;

/** One IPv4 address, or an IPv6 /64, which usually belongs to one host. */
const placeOf = (address: string): string => {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === "ipv4" ? parsed.toString() : `${parsed.toByteArray().slice(0, 8).join(".")}/64`;
};

/** Adds an entry at the end of a table, and removes the oldest if there are too many. */
const keep = <Value>(table: Map<string, Value>, key: string, value: Value, most: number): void => {
  table.delete(key);
  table.set(key, value);
  for (const oldest of table.keys()) {
    if (table.size <= most) break;
    table.delete(oldest);
  }
};

/** Failures by place, as a leaky bucket. */
export const createFailedAttempts = ({ perMinute, most, now }: FailedAttemptsOptions): FailedAttempts => {
  const failures = new Map<string, { readonly count: number; readonly atMs: number }>();
  const right = new Map<string, true>();
  const countOf = (place: string): number => {
    const known = failures.get(place);
    return known ? Math.max(0, known.count - ((now() - known.atMs) / minuteMs) * perMinute) : 0;
  };
  return {
    perMinute,
    waitSeconds: (address, credential) => {
      const place = placeOf(address);
      const excess = countOf(place) + 1 - perMinute;
      if (excess <= 0 || right.has(`${place} ${credential}`)) return 0;
      return Math.max(1, Math.ceil((excess / perMinute) * (minuteMs / 1_000)));
    },
    failed: (address) => {
      const place = placeOf(address);
      keep(failures, place, { count: countOf(place) + 1, atMs: now() }, most);
    },
    succeeded: (address, credential) => keep(right, `${placeOf(address)} ${credential}`, true, most),
  };
};
