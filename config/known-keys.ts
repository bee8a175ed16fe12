import leven from "leven";
import { z } from "zod";

/** The keys of a schema. */
export interface KnownKeys {
  /** The known key that an unknown one most likely stands for, with its path. Undefined if none is close, or several are. */
  closestTo(path: readonly string[]): string | undefined;
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly allOf?: readonly Node[];
}

const formsOf = (node: Node): readonly Node[] => [
  node,
  ...[...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])].flatMap(formsOf),
];

const namesIn = (nodes: readonly Node[]): string[] => [
  ...new Set(nodes.flatMap(formsOf).flatMap(({ properties = {} }) => Object.keys(properties))),
];

const enter = (nodes: readonly Node[], name: string): Node[] =>
  nodes.flatMap(formsOf).flatMap(({ properties = {}, additionalProperties, items }) => {
    if (Object.hasOwn(properties, name)) return properties[name] ?? [];
    return [typeof additionalProperties === "object" ? additionalProperties : [], items ?? []].flat();
  });

/** All paths without names that the operator chooses: those cannot be guessed. */
const pathsUnder = (node: Node, under: string): string[] =>
  formsOf(node).flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([name, inner]) => [`${under}${name}`, ...pathsUnder(inner, `${under}${name}.`)]),
  );

const wordsIn = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/** A third of the letters may differ: `brokr` for `brokers`, and not `port` for `host`. */
const isClose = (name: string, given: string): boolean =>
  leven(wordsIn(name), wordsIn(given)) <= Math.floor(Math.max(wordsIn(name).length, 3) / 3);

const nearest = (names: readonly string[], given: string): string | undefined => {
  const [first, second] = names
    .filter((name) => isClose(name, given))
    .map((name) => ({ name, distance: leven(wordsIn(name), wordsIn(given)) }))
    .sort((a, b) => a.distance - b.distance);
  return first !== undefined && first.distance !== second?.distance ? first.name : undefined;
};

const mostLetters = 100;

/** Reads the keys of a schema when they are needed first: only errors need them. */
export const knownKeysOf = (schema: z.ZodType): KnownKeys => {
  let root: Node | undefined;
  return {
    closestTo: (path) => {
      const name = path.at(-1) ?? "";
      if (name.length > mostLetters) return undefined;
      root ??= z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Node;
      const parents = path.slice(0, -1);
      const sibling = nearest(namesIn(parents.reduce(enter, [root])), name);
      if (sibling !== undefined) return [...parents, sibling].join(".");
      const elsewhere = [...new Set(pathsUnder(root, ""))].filter((one) => one === name || one.endsWith(`.${name}`));
      return elsewhere.length === 1 ? elsewhere[0] : undefined;
    },
  };
};
