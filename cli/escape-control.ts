import pc from "picocolors";

/**
 * What a terminal would act upon instead of showing it: C0 but for line feed and tab, DEL, C1, and what changes the direction of
 * text. Source: ECMA-48; Unicode Standard Annex 9.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const acting = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** Colours of our own: only these sequences, which can hide and move nothing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const colour = /\u001b\[(?:0|1|2|22|3[0-79]|9[0-7])m/g;

const escaped = (text: string): string =>
  text.replace(acting, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });

/** Text from outside as a terminal may show it. */
export const escapeControl = (text: string): string => escaped(text);

/** A whole output with its colours, which foreign text can at most add to. */
export const escapeOutput = (text: string): string => {
  if (!pc.isColorSupported) return escaped(text);
  let at = 0;
  let out = "";
  for (const { 0: sequence, index } of text.matchAll(colour)) {
    out += escaped(text.slice(at, index)) + sequence;
    at = index + sequence.length;
  }
  return out + escaped(text.slice(at));
};
