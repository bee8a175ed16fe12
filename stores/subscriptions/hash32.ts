import { hash } from "node:crypto";

/** One more than the greatest hash. */
export const hashEnd = 2 ** 32;

/**
 * The place of a user in the order of a group: the first four bytes of the SHA-256 digest (FIPS 180-4) of the user's id in UTF-8, big-endian.
 * Stored rows are in this order, so it never changes. A cryptographic digest keeps buckets even whatever ids a tenant chooses.
 */
export const hash32 = (user: string): number => Number.parseInt(hash("sha256", user, "hex").slice(0, 8), 16);

/** Hashes from `from` up to but without `end`. */
export interface Bucket {
  readonly from: number;
  readonly end: number;
}

export const wholeGroup: Bucket = { from: 0, end: hashEnd };

/** Buckets that together cover a group, each hash once. */
export const bucketsOf = (count: number): readonly Bucket[] =>
  Array.from({ length: count }, (_, index) => ({
    from: Math.floor((hashEnd * index) / count),
    end: Math.floor((hashEnd * (index + 1)) / count),
  }));
