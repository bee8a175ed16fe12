import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { digestOfKey, generateKey, isKey, isSameDigest } from "../../access/api-keys.js";

const zeros = (bytes: number): Buffer => Buffer.alloc(bytes);
const ones = (bytes: number): Buffer => Buffer.alloc(bytes, 0xff);

describe("API keys", () => {
  it("have a prefix for scanners, 256 random bits and a checksum", () => {
    const keys = Array.from({ length: 200 }, (_, index) => generateKey(index % 2 === 1));
    expect(new Set(keys).size).toBe(200);
    for (const [index, key] of keys.entries()) {
      expect(key).toMatch(index % 2 === 1 ? /^carillon_test_[0-9A-Za-z]{49}$/ : /^carillon_live_[0-9A-Za-z]{49}$/);
      expect(isKey(key)).toBe(true);
    }
    const asked: number[] = [];
    generateKey(false, (bytes) => {
      asked.push(bytes);
      return ones(bytes);
    });
    expect(asked).toEqual([32]);
  });

  it("have one length, whatever their number is", () => {
    expect(generateKey(false, zeros)).toMatch(/^carillon_live_0{43}[0-9A-Za-z]{6}$/);
    expect(generateKey(false, ones)).toHaveLength(generateKey(false, zeros).length);
  });

  it("carry the CRC-32 of everything before it", () => {
    const key = generateKey(false);
    const sum = [...key.slice(-6)].reduce((total, digit) => {
      const value = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".indexOf(digit);
      return total * 62 + value;
    }, 0);
    expect(sum).toBe(crc32(key.slice(0, -6)));
  });

  it("are told from texts that only look similar", () => {
    const key = generateKey(false);
    const other = key.at(20) === "a" ? "b" : "a";
    const changed = [
      `${key.slice(0, 20)}${other}${key.slice(21)}`,
      key.replace("live", "test"),
      ...[`${key} `, ` ${key}`, `${key}\n`, key.slice(0, -1), `${key}0`, "", "carillon_live_", "a".repeat(63)],
    ];
    for (const text of changed) expect(isKey(text)).toBe(false);
  });

  it("are stored as SHA-256, and compared whole", () => {
    const key = generateKey(false);
    expect(digestOfKey(key)).toBe(createHash("sha256").update(key).digest("base64url"));
    expect(isSameDigest(digestOfKey(key), digestOfKey(key))).toBe(true);
    expect(isSameDigest(digestOfKey(key), digestOfKey(`${key}x`))).toBe(false);
    expect(isSameDigest(digestOfKey(key), digestOfKey(key).slice(1))).toBe(false);
  });
});
