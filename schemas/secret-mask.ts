import { type Layer, layersOf } from "./text-layers.js";

/** Removes known secrets from a text. */
export type Mask = (text: string) => string;

const masked = "***";

/** The configuration refuses shorter secrets, because ordinary words would contain them. */
export const leastSecretCharacters = 4;
/** Shorter secrets are masked only as separate words. */
const leastAnywhere = 8;
const leastLine = 16;
const keyLength = 4;

/** Treats upper and lower case, and the characters that differ in forms and base64url, as equal. Never changes the length. */
const comparable = (text: string): string =>
  text.replace(/[\p{Lu}+ _]/gu, (sign) => {
    if (sign === "+" || sign === " ") return "-";
    if (sign === "_") return "/";
    const lower = sign.toLowerCase();
    return lower.length === sign.length ? lower : sign;
  });

interface Needle {
  readonly text: string;
  /** Matches only if no letter or digit is adjacent. */
  readonly alone: boolean;
}

/** Base64 of a text inside a longer one, for each of the three byte offsets. */
const base64Within = (secret: Buffer): string[] =>
  [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), secret]).toString("base64");
    const whole = Math.floor(((before + secret.length) * 8) / 6);
    return text.slice(before === 0 ? 0 : before + 1, whole);
  });

/** Bytes in hex and base64, alone and inside a longer text. */
const encodingsOf = (bytes: Buffer): string[] => [
  bytes.toString("hex"),
  bytes.toString("base64"),
  bytes.toString("base64").replace(/=+$/, ""),
  ...base64Within(bytes),
];

/** Encodings of a long secret that hex and base64 may contain: JSON and URL escapes, UTF-16, and double encoding. */
const encodedSpellings = (secret: string): string[] => {
  const bytes = Buffer.from(secret);
  const text = bytes.toString();
  const escaped = [JSON.stringify(text).slice(1, -1), encodeURIComponent(text)].filter((one) => one !== text);
  const wide = Buffer.from(text, "utf16le");
  const twice = [bytes.toString("base64"), ...base64Within(bytes), bytes.toString("hex")].map((one) => Buffer.from(one));
  return [bytes, ...escaped.map((one) => Buffer.from(one)), wide, Buffer.from(wide).swap16(), ...twice].flatMap(encodingsOf);
};

const needlesOf = (secret: string): Needle[] => {
  const bytes = Buffer.from(secret);
  if (secret.length < leastAnywhere) {
    const padded = bytes.toString("base64");
    return [secret, bytes.toString("hex"), padded, padded.replace(/=+$/, "")].map((text) => ({ text, alone: true }));
  }
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= leastLine && !line.startsWith("-----") && line !== secret);
  return [secret, ...encodedSpellings(secret), ...lines].map((text) => ({ text, alone: false }));
};

const isWordCharacter = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** Needles by their first characters, so that a text is read once for any number of needles. */
const indexOf = (secrets: readonly string[]): ReadonlyMap<string, readonly Needle[]> => {
  const index = new Map<string, Needle[]>();
  const known = new Set<string>();
  for (const secret of new Set(secrets)) {
    for (const { text, alone } of needlesOf(secret)) {
      const needle = { text: comparable(text.replace(/\r?\n[ \t]*/g, "")), alone };
      if (needle.text.length < leastSecretCharacters || known.has(`${alone} ${needle.text}`)) continue;
      known.add(`${alone} ${needle.text}`);
      const key = needle.text.slice(0, keyLength);
      index.set(key, [...(index.get(key) ?? []), needle]);
    }
  }
  return index;
};

/** Marks the matches in one layer, by their positions in the original. */
const markIn = ({ text, starts, ends }: Layer, index: ReadonlyMap<string, readonly Needle[]>, marks: [number, number][]): void => {
  const read = comparable(text);
  for (let at = 0; at + keyLength <= read.length; at += 1) {
    for (const { text: needle, alone } of index.get(read.slice(at, at + keyLength)) ?? []) {
      if (!read.startsWith(needle, at)) continue;
      const end = at + needle.length;
      if (alone && (isWordCharacter(read[at - 1]) || isWordCharacter(read[end]))) continue;
      marks.push([starts[at] ?? 0, ends[end - 1] ?? 0]);
    }
  }
};

/** Masks secrets by value: in either case, in hex and base64, and in the escapes and line wraps of URLs, forms, JSON, HTML and mail. */
export const createSecretMask = (secrets: readonly string[]): Mask => {
  const index = indexOf(secrets.filter((secret) => secret.length >= leastSecretCharacters));
  if (index.size === 0) return (text) => text;
  return (text) => {
    const marks: [number, number][] = [];
    for (const layer of layersOf(text)) markIn(layer, index, marks);
    if (marks.length === 0) return text;
    marks.sort(([one], [other]) => one - other);
    const parts: string[] = [];
    let from = 0;
    for (const [start, end] of marks) {
      if (end <= from) continue;
      if (start >= from) parts.push(text.slice(from, start), masked);
      from = end;
    }
    return [...parts, text.slice(from)].join("");
  };
};

/** Longest assumed encoding of a secret. */
const longestSpelling = 16_384;

/** The first characters of a text, masked before they are cut. Cutting first could leave part of a secret. */
export const maskedHead = (text: string, most: number, mask: Mask): string => {
  const read = most + longestSpelling;
  if (text.length <= read) return mask(text).slice(0, most);
  // if masking made the head shorter, its last part may contain half a secret
  const head = mask(text.slice(0, read));
  return head.slice(0, Math.min(most, head.length - longestSpelling));
};
