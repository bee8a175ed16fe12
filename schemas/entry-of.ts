/** An entry of a table by a name from outside: names such as `constructor` are not entries. */
export const entryOf = <T>(table: Readonly<Record<string, T>>, name: string | number): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
