import type { Finding } from "../channels/finding.js";

/** A value that a template can render or loop over. */
export type Variable = string | number | boolean | null | readonly Variable[] | { readonly [name: string]: Variable };

/** Most levels of nested lists and maps, and most values in total. */
const mostDepth = 8;
const mostValues = 5_000;
/** Longest path in a finding. */
const mostPathChars = 200;

const isMap = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};

const finding = (path: string, problem: string, fix: string): Finding => ({
  field: path.slice(0, mostPathChars),
  reason: "invalid_request",
  problem,
  fix,
});

const scalarProblem = (value: unknown, path: string): Finding | undefined => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  // JavaScript reads 12345678901234567890 as 12345678901234567000, and would send that
  if (typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isFinite(value))
    return finding(path, "is a number with more digits than JSON preserves", "give it as a string, in quotes");
  if (typeof value === "number" && Number.isFinite(value)) return undefined;
  return finding(path, "is not a value that templates support", "give a string, number, boolean, null, a list or a map");
};

interface Place {
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

/** The entries of a list or a map; undefined for anything else. Stops at the number that is refused anyway. */
const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] | undefined => {
  if (Array.isArray(value))
    return Array.from({ length: Math.min(value.length, mostValues + 1) }, (_, index) => [String(index), value[index]] as const);
  return typeof value === "object" && value !== null && isMap(value) ? Object.entries(value) : undefined;
};

/** Checks the shape of a template's variables: types of values, depth, number. */
const checkShape = (variables: unknown): Finding | undefined => {
  const open: Place[] = [{ value: variables, path: "variables", depth: 0 }];
  let seen = 0;
  for (let place = open.pop(); place; place = open.pop()) {
    const { value, path, depth } = place;
    const entries = entriesOf(value);
    const wrong = entries ? undefined : scalarProblem(value, path);
    if (wrong) return wrong;
    if (entries && depth > mostDepth) return finding(path, `lies more than ${mostDepth} lists and maps deep`, "flatten it");
    seen += entries?.length ?? 0;
    if (seen > mostValues)
      return finding("variables", `hold more than ${mostValues} values`, "send fewer, or render a part of the text yourself");
    for (const [name, inner] of entries ?? [])
      open.push({ value: inner, path: `${path}.${name}`.slice(0, mostPathChars), depth: depth + 1 });
  }
  return undefined;
};

/** Checks variables of any origin: their shape, and their size in bytes as JSON. */
export const checkVariables = (variables: Readonly<Record<string, unknown>>, mostBytes: number): Finding[] => {
  const wrong = checkShape(variables);
  if (wrong) return [wrong];
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  return bytes > mostBytes
    ? [
        {
          ...finding("variables", `have ${bytes} bytes of JSON, at most ${mostBytes} are allowed`, "send less"),
          reason: "content_too_large",
        },
      ]
    : [];
};

type Plain = string | number | boolean | null;

/** Variables in a record's form: plain ones in a map that every reader supports, and lists and maps as JSON alongside it. */
export const splitVariables = (
  variables: Readonly<Record<string, unknown>>,
): { readonly plain: Readonly<Record<string, Plain>>; readonly json: string | null } => {
  const entries = Object.entries(variables);
  const isNested = ([, value]: [string, unknown]): boolean => typeof value === "object" && value !== null;
  const nested = entries.filter(isNested);
  return {
    plain: Object.fromEntries(entries.filter((entry) => !isNested(entry))) as Record<string, Plain>,
    json: nested.length === 0 ? null : JSON.stringify(Object.fromEntries(nested)),
  };
};

/** Merges a record's variables; undefined if the JSON is invalid or not a map. */
export const joinVariables = (plain: Readonly<Record<string, Plain>>, json: string | null): Record<string, unknown> | undefined => {
  if (json === null || json === "") return { ...plain };
  try {
    const nested: unknown = JSON.parse(json);
    if (typeof nested !== "object" || nested === null || Array.isArray(nested)) return undefined;
    return { ...plain, ...nested };
  } catch {
    return undefined;
  }
};
