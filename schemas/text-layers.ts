const mostSteps = 3;
const mostLayers = 30;

/** A text in one layer of its spelling, with the place in the original from which each of its characters came. */
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

const lineBreak = /\r?\n[ \t]*|\r[ \t]*/y;
/** Quoted-printable ends a line that it breaks with a sign of its own, which may as well be the end of a value. */
const softBreak = /=?\r?\n[ \t]*|=?\r[ \t]*/y;

/** Without line breaks and the indentation after them: mail, headers and pretty printers wrap long values. */
const unwrapped = (layer: Layer, lineBreak: RegExp): Layer => {
  const { text, starts, ends } = layer;
  if (!/[\r\n]/.test(text)) return layer;
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

/** How URLs, JSON and scripts, HTML, and quoted-printable mail write characters. */
const forms: readonly RegExp[] = [
  /(?:%[0-9a-f]{2})+/iy,
  /\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\[^ux]/iy,
  /&#x[0-9a-f]{1,6};|&#[0-9]{1,7};|&[a-z]{2,6};/iy,
  /(?:=[0-9a-f]{2})+/iy,
];

const fromCode = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : "");

/** What a token spells: each part with the number of characters of the token that it took. */
type Spelled = readonly (readonly [text: string, length: number])[];

const sizeOf = (lead: number): number => {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
};

/** A run of bytes in hex, three characters each. What is not UTF-8 is taken as Latin-1. */
const spelledByBytes = (token: string): Spelled => {
  const bytes = Buffer.from(token.replace(/[%=]/g, ""), "hex");
  const found: (readonly [string, number])[] = [];
  for (let index = 0; index < bytes.length; ) {
    const size = sizeOf(bytes[index] ?? 0);
    const text = bytes.subarray(index, index + size).toString("utf8");
    const isText = !text.includes("\ufffd");
    found.push(isText ? [text, size * 3] : [String.fromCharCode(bytes[index] ?? 0), 3]);
    index += isText ? size : 1;
  }
  return found;
};

const spelledByBackslash = (token: string): string => {
  const kind = token[1] ?? "";
  return token.length > 2 ? fromCode(Number.parseInt(token.slice(2), 16)) : (escapes[kind] ?? kind);
};

const spelledByEntity = (token: string): string | undefined => {
  if (/^&#x/i.test(token)) return fromCode(Number.parseInt(token.slice(3, -1), 16));
  if (token.startsWith("&#")) return fromCode(Number(token.slice(2, -1)));
  const name = token.slice(1, -1);
  return entities[name] ?? entities[name.toLowerCase()];
};

const spelledBy = (token: string): Spelled => {
  if (/^[%=]/.test(token)) return spelledByBytes(token);
  const text = token.startsWith("\\") ? spelledByBackslash(token) : spelledByEntity(token);
  return text === undefined ? [...token].map((character) => [character, character.length] as const) : [[text, token.length]];
};

/** The layer below: what the text spells out, one step decoded. */
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
    else for (const [spelled, length] of spelledBy(token)) add(spelled, length);
  }
  return found.done();
};

/** The text as it is, and as what it spells out after each of a few steps of decoding, in whatever order they are taken. */
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
