import { RegExpParser, visitRegExpAST } from "@eslint-community/regexpp";
import type { Pattern } from "@eslint-community/regexpp/ast";
import { messageOf } from "../../../schemas/errors.js";
import { refusedQuery, refuseQuery } from "./refused-query.js";

const most = {
  length: 200,
  openQuantifiers: 2,
  /** Number of ways in which a pattern can match the same text: the product of its bounded ranges and of its alternatives. */
  ways: 10_000,
  /** The same including unbounded repetitions, each counted as a thousand. */
  allWays: 10_000_000,
  /** PCRE2's limit for {n,m}; JavaScript has none. */
  repetitions: 65_535,
} as const;

const flagsAllowed = /^[ims]*$/;

/** Escapes of a letter or digit that PCRE and JavaScript interpret alike. */
const sharedEscapes = /^[dDwWsSbBnrtf]$/;

/** Refuses PCRE syntax that JavaScript interprets differently, because the two stores would give different answers. */
const assertPortable = (pattern: string): void => {
  for (const [sequence, letter = ""] of pattern.matchAll(/\\([\s\S])/g)) {
    if (/[A-Za-z0-9]/.test(letter) && !sharedEscapes.test(letter) && letter !== "x")
      refuseQuery("$regex", `${sequence} is not supported`, "use \\d, \\w, \\s, \\b, \\xHH, or a class such as [a-z]");
  }
  if (/\\x(?![0-9A-Fa-f]{2})/.test(pattern)) refuseQuery("$regex", "\\x needs two hexadecimal digits", "write \\x41");
  if (/\[[^\]]*\[[:.=]/.test(pattern)) refuseQuery("$regex", "POSIX classes such as [[:alpha:]] are not supported", "write [A-Za-z]");
  if (/\(\?[a-zA-Z^-]+[:)]/.test(pattern)) refuseQuery("$regex", "inline options such as (?i) are not supported", "give them in $options");
  if (/\(\?[>|#RP&'+\d]/.test(pattern) || /\(\*/.test(pattern))
    refuseQuery("$regex", "groups that only PCRE has are not supported", "use (…) or (?:…)");
  if (/[*+?}]\+/.test(pattern.replace(/\\[\s\S]/g, "xx")))
    refuseQuery("$regex", "possessive quantifiers are not supported", "remove the second +");
};

/** An escape, or a class as PCRE reads it: a closing bracket at its very start is one of its characters. */
const escapeOrClass = /\\[\s\S]|\[\^?(\]?)(?:\\[\s\S]|[^\]\\])*\]/g;

const assertClasses = (pattern: string): void => {
  for (const [part, bracket] of pattern.matchAll(escapeOrClass)) {
    if (part === "[]" || part === "[^]") refuseQuery("$regex", "a class has no end", "close it with ], or write \\[");
    if (bracket) refuseQuery("$regex", "a class that begins with ] is not supported", "write [\\]a]");
    if (part.startsWith("[") && /\\[dDwWsS]-[^\]]|[^[^\\]-\\[dDwWsS]/.test(part))
      refuseQuery("$regex", "a range from or to \\d, \\w or \\s is not supported", "put the hyphen first or last in its class");
  }
  if (/\{,\d+\}/.test(pattern.replace(escapeOrClass, "x")))
    refuseQuery("$regex", "a quantifier without a minimum is not supported", "write {0,3}");
};

const parsed = (pattern: string): Pattern => {
  try {
    return new RegExpParser({ ecmaVersion: 2024 }).parsePattern(pattern);
  } catch (error) {
    const problem = messageOf(error).replace(/^Invalid regular expression: /, "");
    throw refusedQuery("$regex", `${pattern} is not a regular expression: ${problem}`, undefined, error);
  }
};

/** Refuses a pattern whose cost can exceed about the square of the text's length. */
const assertCost = (pattern: Pattern): void => {
  let [open, ways] = [0, 1];
  const times = (choices: number): void => {
    ways *= Math.max(1, choices);
    if (ways > most.ways || ways * 1_000 ** Math.min(open, most.openQuantifiers) > most.allWays)
      refuseQuery(
        "$regex",
        "the pattern can match the same text in too many ways",
        "use fewer of ?, {n,m} and |, or $in with several patterns",
      );
  };
  visitRegExpAST(pattern, {
    onPatternEnter: ({ alternatives }) => times(alternatives.length),
    onGroupEnter: ({ alternatives }) => times(alternatives.length),
    onCapturingGroupEnter: ({ alternatives }) => times(alternatives.length),
    onQuantifierEnter: ({ element, min, max, raw }) => {
      if ([min, max].some((count) => Number.isFinite(count) && count > most.repetitions))
        refuseQuery("$regex", `${raw} repeats more than ${most.repetitions} times`, "give a smaller number, or use *");
      if (element.type === "Group" || element.type === "CapturingGroup")
        refuseQuery("$regex", "a pattern repeats a group, which can take too long", "repeat single characters or classes, such as [a-z]*");
      if (max > 100) open += 1;
      times(max > 100 ? 1 : max - min + 1);
    },
    onAssertionEnter: ({ kind }) => {
      if (kind === "lookahead" || kind === "lookbehind")
        refuseQuery("$regex", "a pattern looks ahead or behind", "leave (?=…), (?!…) and (?<…) out");
    },
    onBackreferenceEnter: () => refuseQuery("$regex", "a pattern refers back to a group", "leave \\1 out"),
  });
  if (open > most.openQuantifiers)
    refuseQuery("$regex", `a pattern has more than ${most.openQuantifiers} open repetitions`, "use fewer of *, + and {n,}");
};

/** Throws FILTER_REFUSED for a pattern that PCRE and JavaScript interpret differently, or whose cost is unbounded. */
export const assertRegex = (pattern: string, options: string): void => {
  if (pattern.length > most.length) refuseQuery("$regex", `a pattern is longer than ${most.length} characters`);
  if (!flagsAllowed.test(options) || new Set(options).size < options.length)
    refuseQuery("$options", `"${options}" is not a combination of i, m, s and x`);
  if (pattern.includes("\0")) refuseQuery("$regex", "a pattern holds a NUL");
  assertPortable(pattern);
  assertClasses(pattern);
  assertCost(parsed(pattern));
};

/** The same pattern without option x: white space and comments outside classes are removed. Source: PCRE2, PCRE2_EXTENDED. */
export const withoutExtendedSyntax = (pattern: string, options: string): { readonly pattern: string; readonly options: string } => {
  if (!options.includes("x")) return { pattern, options };
  const kept = pattern.replace(/\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|[ \t\n\v\f\r]+|#[^\n]*\n?/g, (part) =>
    /^[\s#]/.test(part) ? "" : part,
  );
  return { pattern: kept, options: options.replaceAll("x", "") };
};
