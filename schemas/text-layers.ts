const mostSteps = 3;
const mostLayers = 40;

/** A text in one layer of decoding, with the original position of each character. */
export interface Layer {
  readonly text: string;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Builds a layer one character at a time. */
const createLayer = (capacity: number) => {
  const parts: string[] = [];
  const [starts, ends] = [new Uint32Array(capacity), new Uint32Array(capacity)];
  return {
    add: (character: string, start: number, end: number): void => {
      starts[parts.length] = start;
      ends[parts.length] = end;
      parts.push(character);
    },
    done: (): Layer => ({ text: parts.join(""), starts, ends }),
  };
};

const lineBreak = /\r?\n[ \t]*|\r[ \t]*|[\0\u00ad\u200b-\u200d\u2060\ufeff]/y;
/** Quoted-printable ends a wrapped line with `=`, which may also be the end of a value. */
const softBreak = /=?\r?\n[ \t]*|=?\r[ \t]*|[\0\u00ad\u200b-\u200d\u2060\ufeff]/y;

/**
 * Removes line breaks and the indentation after them, because mail, headers and pretty printers wrap long values. Also removes invisible
 * characters: the zeros of UTF-16, and optional breaks in long words.
 */
const unwrapped = (layer: Layer, lineBreak: RegExp): Layer => {
  const { text, starts, ends } = layer;
  if (!/[\r\n\0\u00ad\u200b-\u200d\u2060\ufeff]/.test(text)) return layer;
  const found = createLayer(text.length);
  for (let index = 0; index < text.length; ) {
    lineBreak.lastIndex = index;
    const [skipped = ""] = lineBreak.exec(text) ?? [];
    if (skipped === "") {
      found.add(text[index] ?? "", starts[index] ?? 0, ends[index] ?? 0);
      index += 1;
    } else index += skipped.length;
  }
  return found.done();
};

// biome-ignore format: a table
const entities: Readonly<Record<string, string>> = {
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", num: "#", dollar: "$", percnt: "%", lpar: "(", rpar: ")", ast: "*",
  plus: "+", comma: ",", period: ".", sol: "/", colon: ":", semi: ";", equals: "=", quest: "?", commat: "@", lsqb: "[", lbrack: "[",
  bsol: "\\", rsqb: "]", rbrack: "]", Hat: "^", lowbar: "_", grave: "`", lcub: "{", lbrace: "{", verbar: "|", vert: "|", rcub: "}",
  rbrace: "}", excl: "!",
};

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** Bytes as listed by dumps and debuggers: `50 72`, `50:72`, `0x50, 0x72`, and `80,114`. */
const hexBytes = /(?<![0-9a-z])(?:0x)?[0-9a-f]{2}(?:[ ,:;-]{1,2}(?:0x)?[0-9a-f]{2}){3,}(?![0-9a-z])/iy;
const decimalBytes = /(?<![0-9a-z.])\d{1,3}(?:[ ,;]{1,4}\d{1,3}){3,}(?![0-9a-z.])/iy;
/** The separators inside a text that was split by a list, an object or code. An escaped quote is part of the text. */
const joint = /\\[\s\S]|["'`]\s{0,9}[,+.&]?\s{0,9}(?:["'`][\w .-]{0,40}["'`]\s{0,9}:\s{0,9})?["'`]/y;

/** How URLs, JSON and scripts, HTML, and quoted-printable mail encode characters, how bytes are listed, and how texts are split. */
const forms: readonly RegExp[] = [
  /%u[0-9a-f]{4}|(?:%[0-9a-f]{2})+/iy,
  /\\u\{[0-9a-fA-F]{1,6}\}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\x[0-9a-fA-F]{2}|\\[0-3][0-7]{2}|\\[0-7]{1,2}|\\[^uUxX]/y,
  /&#x[0-9a-f]{1,16};?|&#[0-9]{1,16};?|&[a-z]{2,6};/iy,
  /(?:=[0-9a-f]{2})+/iy,
  hexBytes,
  decimalBytes,
  joint,
];

const fromCode = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : "");

/** The decoded token: each part with the number of token characters that it took. */
type Spelled = readonly (readonly [text: string, length: number])[];

const sizeOf = (lead: number): number => {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
};

/** Decoded bytes, with the number of token characters for each. Bytes that are not UTF-8 are read as Latin-1. */
const spelledByBytes = (values: readonly number[], lengths: readonly number[]): Spelled => {
  const bytes = Buffer.from(values);
  const found: (readonly [string, number])[] = [];
  for (let index = 0; index < bytes.length; ) {
    const size = sizeOf(bytes[index] ?? 0);
    const text = bytes.subarray(index, index + size).toString("utf8");
    const taken = text.includes("\ufffd") ? 1 : size;
    const length = lengths.slice(index, index + taken).reduce((sum, one) => sum + one, 0);
    found.push([taken === size ? text : String.fromCharCode(bytes[index] ?? 0), length]);
    index += taken;
  }
  return found;
};

/** A run of hex bytes, three characters each. */
const spelledByRun = (token: string): Spelled => {
  const values = [...Buffer.from(token.replace(/[%=]/g, ""), "hex")];
  return spelledByBytes(
    values,
    values.map(() => 3),
  );
};

/** A list of bytes, each with its separator. */
const spelledByList = (token: string, base: 10 | 16): Spelled => {
  const items = token.match(/[0-9a-fx]+[^0-9a-f]*/gi) ?? [];
  return spelledByBytes(
    items.map((item) => Number.parseInt(item.replace(/^0x/i, ""), base) & 0xff),
    items.map((item) => item.length),
  );
};

const spelledByBackslash = (token: string): string => {
  const kind = token[1] ?? "";
  if (/[0-7]/.test(kind)) return fromCode(Number.parseInt(token.slice(1), 8));
  return token.length > 2 ? fromCode(Number.parseInt(token.replace(/[^0-9a-f]/gi, ""), 16)) : (escapes[kind] ?? kind);
};

const spelledByEntity = (token: string): string | undefined => {
  if (/^&#x/i.test(token)) return fromCode(Number.parseInt(token.slice(3), 16));
  if (token.startsWith("&#")) return fromCode(Number.parseInt(token.slice(2), 10));
  const name = token.slice(1, -1);
  return entities[name] ?? entities[name.toLowerCase()];
};

const spelledBy = (token: string, form: RegExp): Spelled => {
  if (form === joint) return [[token.startsWith("\\") ? token : "", token.length]];
  if (form === hexBytes) return spelledByList(token, 16);
  if (form === decimalBytes) return spelledByList(token, 10);
  if (/^%u/i.test(token)) return [[fromCode(Number.parseInt(token.slice(2), 16)), token.length]];
  if (/^[%=]/.test(token)) return spelledByRun(token);
  const text = token.startsWith("\\") ? spelledByBackslash(token) : spelledByEntity(token);
  return text === undefined ? [...token].map((character) => [character, character.length] as const) : [[text, token.length]];
};

/** The next layer: the text with one encoding decoded. */
const decoded = (layer: Layer, form: RegExp): Layer => {
  const { text, starts, ends } = layer;
  if (text.search(new RegExp(form, "i")) < 0) return layer;
  const found = createLayer(text.length);
  let at = 0;
  const add = (spelled: string, length: number): void => {
    for (const character of spelled.split("")) found.add(character, starts[at] ?? 0, ends[at + length - 1] ?? 0);
    at += length;
  };
  while (at < text.length) {
    form.lastIndex = at;
    const token = form.exec(text)?.[0];
    if (token === undefined) add(text[at] ?? "", 1);
    else for (const [spelled, length] of spelledBy(token, form)) add(spelled, length);
  }
  return found.done();
};

/** The text itself, and its decodings after a few steps in any order. */
export const layersOf = (text: string): readonly Layer[] => {
  const places = Uint32Array.from({ length: text.length }, (_, index) => index);
  const whole: Layer = { text, starts: places, ends: Uint32Array.from(places, (place) => place + 1) };
  const [soft, hard] = [unwrapped(whole, softBreak), unwrapped(whole, lineBreak)];
  const found = soft.text === hard.text ? [soft] : [soft, hard];
  const known = new Set(found.map((layer) => layer.text));
  let latest = found;
  for (let depth = 0; depth < mostSteps && latest.length > 0; depth += 1) {
    const below: Layer[] = [];
    for (const layer of latest) {
      for (const form of forms) {
        const next = unwrapped(decoded(layer, form), softBreak);
        if (known.has(next.text) || known.size >= mostLayers) continue;
        known.add(next.text);
        below.push(next);
      }
    }
    found.push(...below);
    latest = below;
  }
  return found;
};
