import type { Finding } from "../channels/finding.js";

const loneSurrogate = /\p{Cs}/u;
const mostFindings = 20;
const mostDepth = 100;
const mostValues = 500_000;

/** Whether the text is valid in UTF-8: it contains no unpaired surrogate. */
export const isWellFormed = (text: string): boolean => !loneSurrogate.test(text);

/** The text with U+FFFD for everything that UTF-8 cannot represent. */
export const toWellFormed = (text: string): string => text.replaceAll(/\p{Cs}/gu, "\ufffd");

interface Place {
  readonly value: unknown;
  readonly path: readonly string[];
}

const fieldOf = (path: readonly string[]): string => path.map((name) => toWellFormed(name).slice(0, 100)).join(".") || "message";

const finding = (path: readonly string[], problem: string, fix: string): Finding => ({
  field: fieldOf(path),
  reason: "invalid_request",
  problem,
  fix,
});

const nameProblem = (name: string, path: readonly string[]): Finding | undefined => {
  if (!isWellFormed(name))
    return finding(path, "has a field name that is not well-formed Unicode", "encode names as UTF-8, and keep surrogate pairs whole");
  if (name === "__proto__") return finding([...path, name], "is a forbidden field name", "choose another name");
  return undefined;
};

const inside = ({ value, path }: Place): readonly (readonly [string, unknown])[] =>
  typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && path.length < mostDepth ? Object.entries(value) : [];

/**
 * Checks every text in an input at any depth, including names in maps. A text that is not well-formed would be sent with U+FFFD, and a map
 * silently drops some names.
 */
export const checkTexts = (input: unknown): Finding[] => {
  const findings: Finding[] = [];
  const open: Place[] = [{ value: input, path: [] }];
  for (let seen = 0; open.length > 0 && seen < mostValues && findings.length < mostFindings; seen += 1) {
    const place = open.pop();
    if (!place) break;
    if (typeof place.value === "string" && !isWellFormed(place.value))
      findings.push(finding(place.path, "is not well-formed Unicode", "encode it as UTF-8, and keep surrogate pairs whole"));
    for (const [name, value] of inside(place)) {
      const wrong = nameProblem(name, place.path);
      if (wrong) findings.push(wrong);
      else open.push({ value, path: [...place.path, name] });
    }
  }
  return findings;
};
