/**
 * Characters that a terminal acts on instead of displaying them: C0 except line feed and tab, DEL, C1, and characters that change the
 * direction of text. Source: ECMA-48; Unicode Standard Annex 9.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches these characters
const acting = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]/g;
/** The same without C0, which JSON escapes by itself. */
const actingInJson = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]/g;

const hexOf = (character: string, digits: number): string => character.charCodeAt(0).toString(16).padStart(digits, "0");

/** Makes external text safe for a terminal. */
export const escapeControl = (text: string): string =>
  text.replace(acting, (character) => (character.charCodeAt(0) < 0x100 ? `\\x${hexOf(character, 2)}` : `\\u${hexOf(character, 4)}`));

/** The same for JSON: escapes these characters as JSON escapes. */
export const escapeJson = (json: string): string => json.replace(actingInJson, (character) => `\\u${hexOf(character, 4)}`);
