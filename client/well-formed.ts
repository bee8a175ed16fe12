import type { Finding } from "../channels/finding.js";

const loneSurrogate = /\p{Cs}/u;
const mostFindings = 20;
const mostDepth = 100;
const mostValues = 500_000;

/** Whether the text is valid in UTF-8: it contains no unpaired surrogate. */
export const isWellFormed = (text: string): boolean => !loneSurrogate.test(text);

/** The text with U+FFFD for everything that UTF-8 cannot represent. */
export const toWellFormed = (text: string): string => text.replaceAll(/\p{Cs}/gu, "\ufffd");

/** A map or list in an input, and the way to it: paths are only made for findings. */
interface Place {
  readonly value: object;
  readonly name: string;
  readonly parent: Place | undefined;
  readonly depth: number;
}

const pathTo = (place: Place | undefined, ...names: readonly string[]): readonly string[] => {
  const path = [...names];
  for (let at = place; at?.parent; at = at.parent) path.unshift(at.name);
  return path;
};

const fieldOf = (path: readonly string[]): string => path.map((name) => toWellFormed(name).slice(0, 100)).join(".") || "message";

const finding = (path: readonly string[], problem: string, fix: string): Finding => ({
  field: fieldOf(path),
  reason: "invalid_request",
  problem,
  fix,
});

const notUnicode = (path: readonly string[]): Finding =>
  finding(path, "is not well-formed Unicode", "encode it as UTF-8, and keep surrogate pairs whole");

/** Names through which code that copies maps would reach the prototype of every object. */
const isForbidden = (name: string, place: Place): boolean =>
  name === "__proto__" || (name === "prototype" && place.name === "constructor" && place.parent !== undefined);

const nameProblem = (name: string, place: Place): Finding | undefined => {
  if (!isWellFormed(name))
    return finding(
      pathTo(place),
      "has a field name that is not well-formed Unicode",
      "encode names as UTF-8, and keep surrogate pairs whole",
    );
  return isForbidden(name, place) ? finding(pathTo(place, name), "is a forbidden field name", "choose another name") : undefined;
};

const isTree = (value: unknown): value is object => typeof value === "object" && value !== null && !ArrayBuffer.isView(value);

/** Checks the texts directly in a map or list. Adds the findings, and the maps and lists in it. Returns the number of values. */
const checkInside = (place: Place, findings: Finding[], open: Place[]): number => {
  const entries = Object.entries(place.value);
  const isList = Array.isArray(place.value);
  const depth = place.depth + 1;
  for (const [name, value] of entries) {
    const wrong = isList ? undefined : nameProblem(name, place);
    if (wrong) findings.push(wrong);
    else if (typeof value === "string" && !isWellFormed(value)) findings.push(notUnicode(pathTo(place, name)));
    else if (isTree(value) && depth < mostDepth) open.push({ value, name, parent: place, depth });
  }
  return entries.length;
};

/**
 * Checks every text in an input at any depth, including names in maps. A text that is not well-formed would be sent with U+FFFD, and a map
 * silently drops some names.
 */
export const checkTexts = (input: unknown): Finding[] => {
  if (typeof input === "string") return isWellFormed(input) ? [] : [notUnicode([])];
  const findings: Finding[] = [];
  const open: Place[] = isTree(input) ? [{ value: input, name: "", parent: undefined, depth: 0 }] : [];
  for (let seen = 0; seen < mostValues && findings.length < mostFindings; ) {
    const place = open.pop();
    if (!place) break;
    seen += checkInside(place, findings, open);
  }
  return findings.slice(0, mostFindings);
};
