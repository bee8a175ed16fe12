/** A table's entry for an external name: inherited names such as `constructor` are not entries. */
export const entryOf = <T>(table: Readonly<Record<string, T>>, name: string | number): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
