import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * `carillon_live_` or `carillon_test_`, then 256 random bits and a checksum in base 62. Scanners for leaked secrets look for the prefix, and
 * check by the checksum that a text is a key and not merely similar.
 */
export const keyPrefixes = { live: "carillon_live_", test: "carillon_test_" } as const;

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const randomBits = 256;
/** 62 ** 43 exceeds 2 ** 256, and 62 ** 6 exceeds 2 ** 32. */
const [randomDigits, checkDigits] = [43, 6];
const form = /^carillon_(live|test)_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

const inBase62 = (number: bigint, length: number): string => {
  let [text, left] = ["", number];
  const base = BigInt(digits.length);
  for (; left > 0n; left /= base) text = `${digits[Number(left % base)]}${text}`;
  return text.padStart(length, "0");
};

/** Source: ISO 3309, CRC-32 with the reversed polynomial 0xEDB88320. */
const crc32 = (text: string): number => {
  let sum = 0xffff_ffff;
  for (const byte of Buffer.from(text)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ ((sum & 1) === 1 ? 0xedb8_8320 : 0);
  }
  return (sum ^ 0xffff_ffff) >>> 0;
};

const checksumOf = (text: string): string => inBase62(BigInt(crc32(text)), checkDigits);

/** A new key. It is shown once, and only its digest is stored. */
export const generateKey = (test: boolean, random: (bytes: number) => Buffer = randomBytes): string => {
  const number = BigInt(`0x${random(randomBits / 8).toString("hex")}`);
  const text = `${test ? keyPrefixes.test : keyPrefixes.live}${inBase62(number, randomDigits)}`;
  return `${text}${checksumOf(text)}`;
};

/** Whether a text is a key by its form and checksum. Others need no look-up. */
export const isKey = (text: string): boolean => {
  const found = form.exec(text);
  return found !== null && checksumOf(text.slice(0, -checkDigits)) === found[3];
};

/**
 * What is stored of a key. A plain SHA-256 is right for keys of 256 random bits: no attacker can try them all, so a slow hash or a salt
 * would protect nothing, and each request would pay for it. Passwords, which people choose, would need both.
 */
export const digestOfKey = (key: string): string => createHash("sha256").update(key).digest("base64url");

/** Compares digests in constant time. */
export const isSameDigest = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
