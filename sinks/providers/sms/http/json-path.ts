/** A path of names and indices in JSON, such as `messages[0].to`, `data.0.id` or `[0].id`. */
export type JsonPath = readonly (string | number)[];

const deepest = 20;
const mostItems = 100;

/** The parts of a path. Throws for an invalid path. */
export const parsePath = (text: string): JsonPath => {
  const parts: (string | number)[] = [];
  for (let rest = text; rest !== ""; ) {
    const [whole = "", index, name = ""] = /^(?:\[(\d{1,4})\]|([^.[\]]+))/.exec(rest) ?? [];
    if (whole === "") throw new Error(`${text}: is not a path such as messages[0].to`);
    parts.push(index === undefined && !/^\d{1,4}$/.test(name) ? name : Number(index ?? name));
    rest = rest.slice(whole.length);
    if (rest.startsWith(".") && rest.length > 1) rest = rest.slice(1);
    else if (rest !== "" && !rest.startsWith("[")) throw new Error(`${text}: is not a path such as messages[0].to`);
  }
  if (parts.length > deepest) throw new Error(`${text}: has more than ${deepest} parts`);
  return parts;
};

/** The value at a path; undefined if there is none. */
export const nodeAt = (json: unknown, path: string): unknown => {
  let value = json;
  for (const part of parsePath(path)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return value;
};

/** A text, number or boolean as text; undefined for anything else. */
export const scalarOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;

export const scalarAt = (json: unknown, path: string): string | undefined => scalarOf(nodeAt(json, path));

type Branch = Map<string | number, Branch | Leaf>;

interface Leaf {
  readonly value: unknown;
}

const isBranch = (node: Branch | Leaf | undefined): node is Branch => node instanceof Map;

const place = (root: Branch, path: string, value: unknown): void => {
  const parts = parsePath(path);
  let under = root;
  for (const [depth, part] of parts.entries()) {
    const [sibling] = under.keys();
    if (sibling !== undefined && typeof sibling !== typeof part) throw new Error(`${path}: makes a list where another field has names`);
    const there = under.get(part);
    if (depth === parts.length - 1) {
      if (there) throw new Error(`${path}: is set by another field, too`);
      under.set(part, { value });
    } else {
      if (there && !isBranch(there)) throw new Error(`${path}: goes through a field that has a value of its own`);
      const next: Branch = there ?? new Map();
      under.set(part, next);
      under = next;
    }
  }
};

const treeOf = (branch: Branch): unknown => {
  const entries = [...branch].map(([part, node]) => [part, isBranch(node) ? treeOf(node) : node.value] as const);
  if (typeof entries[0]?.[0] !== "number") return Object.fromEntries(entries);
  const byIndex = new Map(entries);
  if (byIndex.size > mostItems) throw new Error(`a list has more than ${mostItems} items`);
  return Array.from({ length: byIndex.size }, (_, index) => {
    if (!byIndex.has(index)) throw new Error(`[${index}]: is missing, though later items of the list are there`);
    return byIndex.get(index);
  });
};

/** Builds JSON from fields by path: names become objects, indices become lists. Throws for contradictory paths. */
export const treeOfFields = (fields: Readonly<Record<string, unknown>>): unknown => {
  const root: Branch = new Map();
  for (const [path, value] of Object.entries(fields)) place(root, path, value);
  return treeOf(root);
};
