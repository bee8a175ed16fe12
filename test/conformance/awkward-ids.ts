/** The order that stores promise for ids. */
export const byUtf8 = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Ids that break keys made by joining, escaping too little, or ending at NUL. `mostBytes`: the bound of an id. */
export const awkwardIds = (mostBytes: number): readonly string[] => [
  ...["a", "a/b", "a:b", "a\0b", "a\0", "\0", "a b", "a 00b", " ", "a\nb", "a\n", "a\u000b", "\u0001", "a\u0003"],
  ...["ä", "a\u0308", "日本", "😀", "\uffff", "\u{10ffff}", "A", "1", "01", "$where", "a.b", "__proto__", "{}", "%00"],
  ...["\0".repeat(mostBytes), "x".repeat(mostBytes), `${"x".repeat(mostBytes - 2)}\0y`, `${"x".repeat(70)}\0y`, `${"x".repeat(70)}`],
];
