import { countSmsSegments } from "./sms-segments.js";

/** Typographic characters and their GSM-7 replacements. */
const replacements: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201a\u201b\u2032\u2035\u02b9\u02bc\u00b4\u0060]/g, "'"],
  [/[\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb]/g, '"'],
  [/[\u2010-\u2015\u2212\u00ad]/g, "-"],
  [/\u2039/g, "<"],
  [/\u203a/g, ">"],
  [/\u2026/g, "..."],
  [/[\u2022\u00b7\u2219]/g, "*"],
  [/[\u2044\u2215]/g, "/"],
  [/[\t\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, " "],
  [/[\u200b-\u200d\u2060\ufeff]/g, ""],
];

export interface SmartText {
  readonly text: string;
  /** Number of replaced characters; 0: the text is unchanged. */
  readonly replaced: number;
}

/**
 * The text with typographic characters replaced, if it then fits GSM-7 and so needs fewer parts. Otherwise the text is unchanged, because
 * UCS-2 keeps its typography.
 */
export const smartEncode = (text: string): SmartText => {
  const before = countSmsSegments(text);
  if (before.encoding === "GSM-7") return { text, replaced: 0 };
  let [changed, replaced] = [text, 0];
  for (const [pattern, replacement] of replacements)
    changed = changed.replaceAll(pattern, () => {
      replaced += 1;
      return replacement;
    });
  const after = countSmsSegments(changed);
  // three dots for one character can make the text longer
  const isBetter = after.encoding === "GSM-7" && after.segments <= before.segments;
  return isBetter ? { text: changed, replaced } : { text, replaced: 0 };
};
