interface Named {
  readonly type?: unknown;
  readonly name?: unknown;
  readonly symbols?: readonly string[];
}

/** Names match without their namespaces (Avro specification, Schema Resolution). */
const shortName = (name: unknown): string => String(name).split(".").at(-1) ?? "";

const isEnum = (schema: unknown): schema is Named & { readonly symbols: readonly string[] } =>
  typeof schema === "object" && schema !== null && (schema as Named).type === "enum" && Array.isArray((schema as Named).symbols);

const collectSymbols = (schema: unknown, found: Map<string, readonly string[]>): void => {
  if (typeof schema !== "object" || schema === null) return;
  if (isEnum(schema)) found.set(shortName(schema.name), schema.symbols);
  for (const part of Object.values(schema)) collectSymbols(part, found);
};

/** A schema with each enum's symbols replaced by the result of `change`. */
export const mapEnums = (schema: unknown, change: (name: string, symbols: readonly string[]) => readonly string[]): unknown => {
  if (Array.isArray(schema)) return schema.map((part) => mapEnums(part, change));
  if (typeof schema !== "object" || schema === null) return schema;
  if (isEnum(schema)) return { ...schema, symbols: change(shortName(schema.name), schema.symbols) };
  return Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, key === "default" ? part : mapEnums(part, change)]));
};

/**
 * The reader's schema with the writer's additional enum symbols, so that a record from a later version can be decoded and checked.
 * Undefined if the writer has no additional symbols.
 */
export const withSymbolsOf = (writer: object, reader: object): object | undefined => {
  const written = new Map<string, readonly string[]>();
  collectSymbols(writer, written);
  let isWider = false;
  const wider = mapEnums(reader, (name, symbols) => {
    const more = (written.get(name) ?? []).filter((symbol) => !symbols.includes(symbol));
    if (more.length > 0) isWider = true;
    return [...symbols, ...more];
  });
  return isWider ? (wider as object) : undefined;
};
