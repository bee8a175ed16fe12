/** An escape, a class, a quantifier in braces, or one character. */
const parts = /\\x[0-9A-Fa-f]{2}|\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[\s\S]/gu;
const escaped = /\\x[0-9A-Fa-f]{2}|\\[\s\S]/gu;

/** Characters that JavaScript allows to be escaped in unicode mode. */
const escapable = /[$()*+./?[\\\]^{|}]/;

/** PCRE's white space: ASCII only. */
const blanks = "\\t-\\r ";

const escapeIn = (part: string, inClass: boolean): string => {
  const letter = part.slice(1);
  if (letter === "s") return inClass ? blanks : `[${blanks}]`;
  if (letter === "S" && !inClass) return `[^${blanks}]`;
  return /^[A-Za-z0-9]/.test(letter) || escapable.test(letter) || (inClass && letter === "-") ? part : letter;
};

const partIn = (part: string, options: string): string => {
  if (part.startsWith("\\")) return escapeIn(part, false);
  if (part.startsWith("[") && part.length > 1) return part.replace(escaped, (one) => escapeIn(one, true));
  if (part === ".") return options.includes("s") ? "[\\s\\S]" : "[^\\n]";
  if (part === "$") return options.includes("m") ? "(?=\\n|(?![\\s\\S]))" : "(?=\\n?(?![\\s\\S]))";
  if (part === "^" && options.includes("m")) return "(?<![^\\n])";
  return part === "{" || part === "}" || part === "]" ? `\\${part}` : part;
};

/**
 * Converts a pattern to PCRE's meaning, which MongoDB uses: it counts characters instead of UTF-16 units, only a line feed ends a line, $
 * also matches before a final line feed, and white space is ASCII only. Source: PCRE2, pcre2pattern.
 */
export const pcrePattern = ({ source, flags }: RegExp): RegExp => {
  const meant = source.replace(parts, (part) => partIn(part, flags));
  try {
    return new RegExp(meant, flags.includes("i") ? "iu" : "u");
  } catch {
    // only JavaScript's older syntax allows this pattern
    return new RegExp(source, flags);
  }
};
