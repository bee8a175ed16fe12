/** Control characters, and the two separators that some readers treat as line breaks. */
const breaksLines = /[\p{Cc}\u2028\u2029]/u;

/** Characters that change the display order of a text, so that it reads differently. */
const reorders = /[\u202a-\u202e\u2066-\u2069]/;

/** Why a text cannot be in a header, a command or a file name; undefined if it can. */
export const lineProblem = (text: string): string | undefined => {
  const found = breaksLines.exec(text)?.[0];
  if (found === undefined) return undefined;
  if (/[\r\n\u0085\u2028\u2029]/.test(found)) return "has a line break";
  return `has the control character U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
};

const encodedWord = /=\?[^?\s]+\?[bq]\?[^?\s]*\?=/i;

/**
 * Why a text cannot be in a mail header. Mail readers decode anything like an encoded word (RFC 2047, 2), so the recipient would see a
 * different text from the one that was checked.
 */
export const headerProblem = (text: string): string | undefined =>
  lineProblem(text) ?? (encodedWord.test(text) ? "has an encoded word (RFC 2047): give the text itself in UTF-8" : undefined);

/** Like `lineProblem`, for names on which people base their trust. */
export const nameProblem = (text: string): string | undefined =>
  lineProblem(text) ?? (reorders.test(text) ? "has a character that reorders the text around it" : undefined);

const mostTenantCharacters = 128;

/** Why a text cannot be a tenant's name; undefined if it can. */
export const tenantProblem = (text: string): string | undefined => {
  if (text.trim() === "") return "is empty";
  if (text.length > mostTenantCharacters) return `has ${text.length} characters, and ${mostTenantCharacters} are allowed`;
  return nameProblem(text);
};
