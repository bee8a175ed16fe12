/** An unchecked configuration: maps, lists and values as in the file. */
export type Tree = { [key: string]: unknown };

export const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/** Sets a key literally: `__proto__` is stored like any other key, and the schema refuses it. */
const withKey = (tree: Tree, key: string, value: unknown): Tree =>
  Object.defineProperty({ ...tree }, key, { value, enumerable: true, configurable: true, writable: true });

const under = (tree: Tree, key: string): unknown => (Object.hasOwn(tree, key) ? tree[key] : undefined);

export const merge = (below: Tree, above: Tree): Tree =>
  Object.entries(above).reduce<Tree>((merged, [key, value]) => {
    const present = under(merged, key);
    return withKey(merged, key, isTree(present) && isTree(value) ? merge(present, value) : value);
  }, below);

const setAt = (present: unknown, [head, ...rest]: readonly string[], value: unknown): unknown => {
  if (head === undefined) return value;
  if (Array.isArray(present)) return present.map((item, index) => (String(index) === head ? setAt(item, rest, value) : item));
  const tree = isTree(present) ? present : {};
  return withKey(tree, head, setAt(under(tree, head), rest, value));
};

/** The tree with a value at the path. Creates missing maps on the way. */
export const setPath = (tree: Tree, path: readonly string[], value: unknown): Tree => setAt(tree, path, value) as Tree;

/** The value at a path, through maps and lists. */
export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null && Object.hasOwn(at, key) ? at[key as keyof typeof at] : undefined),
    value,
  );

/** The tree without the value at the path, or without its innermost existing parent. A list is removed as a whole. */
export const withoutPath = (tree: Tree, path: readonly PropertyKey[]): Tree => {
  const [head, next] = path.map(String);
  if (head === undefined || !Object.hasOwn(tree, head)) return tree;
  const { [head]: inner, ...others } = tree;
  if (next === undefined || !isTree(inner) || !Object.hasOwn(inner, next)) return others;
  return withKey(others, head, withoutPath(inner, path.slice(1)));
};

/** The first path to an object that contains itself, which a YAML anchor with an alias inside it can create. */
export const circleIn = (value: unknown, path = "", above: readonly unknown[] = []): string | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  if (above.includes(value)) return path;
  for (const [key, inner] of Object.entries(value)) {
    const found = circleIn(inner, path ? `${path}.${key}` : key, [...above, value]);
    if (found !== undefined) return found;
  }
  return undefined;
};
