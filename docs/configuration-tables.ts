/** The tables of configuration keys in docs/reference.md. Keys that several places share are printed once. */

export interface JsonSchema {
  readonly description?: string;
  readonly default?: unknown;
  /** The default in words, where each process computes its own. */
  readonly computedDefault?: string;
  readonly properties?: Properties;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

type Properties = Readonly<Record<string, JsonSchema>>;

/** A text within a cell of a table. */
const cellOf = (text: string): string => text.replaceAll("|", "\\|");

const header = "| key | default | meaning |\n| --- | --- | --- |";
/** The forms of a value can share keys: each row is printed once. */
const table = (rows: readonly string[]): string => [header, ...new Set(rows)].join("\n");

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const at = (schema: JsonSchema, ...path: readonly string[]): Properties => {
  let found: JsonSchema | undefined = schema;
  for (const name of path) found = found?.properties?.[name];
  if (!found?.properties) throw new Error(`the configuration has no keys at ${path.join(".")}`);
  return found.properties;
};

/** The objects that a value may hold although its default has no keys, each with its path: instead of null, in a list, or in a map. */
const objectsIn = (schema: JsonSchema, path: string): readonly { readonly path: string; readonly schema: JsonSchema }[] => {
  const { properties, items, additionalProperties: entries, anyOf = [], oneOf = [] } = schema;
  if (properties) return [{ path, schema }];
  return [
    ...(items ? objectsIn(items, `${path}[]`) : []),
    ...(typeof entries === "object" ? objectsIn(entries, `${path}.<name>`) : []),
    ...[...anyOf, ...oneOf].flatMap((form) => objectsIn(form, path)),
  ];
};

const presetOf = ({ default: preset, computedDefault = JSON.stringify(preset) }: JsonSchema, isRequired: boolean): string =>
  computedDefault === undefined ? (isRequired ? "required" : "") : cellOf(`\`${computedDefault}\``);

/** Rows of all keys below a path. `retry`: the keys of a changed retry policy, which get one row. */
const rowsOf = ({ properties = {}, required = [] }: JsonSchema, path: string, retry: Properties): string[] =>
  Object.entries(properties).flatMap(([name, inner]) => {
    const key = path ? `${path}.${name}` : name;
    const { description = "" } = inner;
    if (isSame(inner.properties, retry)) {
      const meaning = description === "" ? "" : `${cellOf(description)}: `;
      return [`| \`${key}.*\` | | ${meaning}any of the [retry keys](#retry-keys) |`];
    }
    if (inner.properties) return rowsOf(inner, key, retry);
    const row = `| \`${key}\` | ${presetOf(inner, required.includes(name))} | ${cellOf(description)} |`;
    return [row, ...objectsIn(inner, key).flatMap((found) => rowsOf(found.schema, found.path, retry))];
  });

/** The keys that every type of provider has, with the same default and meaning. */
const sharedBy = (providers: readonly Properties[]): Properties => {
  const [first = {}, ...others] = providers;
  return Object.fromEntries(Object.entries(first).filter(([name, schema]) => others.every((other) => isSame(other[name], schema))));
};

export interface ConfigurationTables {
  /** All keys except those of providers. */
  readonly keys: string;
  readonly retry: string;
  /** Keys of every provider. */
  readonly shared: string;
  /** The keys of each type of provider. */
  readonly providers: readonly { readonly type: string; readonly doc: string; readonly keys: string }[];
}

export const configurationTables = (schema: JsonSchema): ConfigurationTables => {
  const { providers: _, ...others } = at(schema);
  const types = Object.entries(at(schema, "providers"));
  const [channel = ""] = Object.keys(at(schema, "channels"));
  const retry = at(schema, "channels", channel, "retryBy", "throttled");
  const shared = sharedBy(types.map(([, { properties = {} }]) => properties));
  const ownKeys = (properties: Properties): Properties =>
    Object.fromEntries(Object.entries(properties).filter(([name]) => !Object.hasOwn(shared, name)));
  return {
    keys: table(rowsOf({ properties: others }, "", retry)),
    retry: [
      "| key | meaning |\n| --- | --- |",
      ...Object.entries(retry).map(([name, { description = "" }]) => `| \`${name}\` | ${cellOf(description)} |`),
    ].join("\n"),
    shared: table(rowsOf({ properties: shared }, "providers.<name>", retry)),
    providers: types.map(([type, { description = "", properties = {} }]) => ({
      type,
      doc: description,
      keys: table(rowsOf({ properties: ownKeys(properties) }, `providers.${type}`, retry)),
    })),
  };
};
