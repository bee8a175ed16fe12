import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { open } from "lmdb";
import { lmdbOptions } from "../../stores/lmdb-environment.js";
import { storePath } from "../../stores/lmdb-file.js";

/** All entries of each table of the embedded store, as bytes in latin1: also of tables that a later version adds. */
export const storedTables = async (dataDir: string): Promise<Readonly<Record<string, string>>> => {
  const root = open({ ...lmdbOptions, path: storePath(dataDir), readOnly: true });
  try {
    const textOf = (name: string): string =>
      [...root.openDB<Buffer, Buffer>(name, { encoding: "binary", keyEncoding: "binary" }).getRange({})]
        .map(({ key, value }) => `${key.toString("latin1")} ${value.toString("latin1")}`)
        .join("\n");
    return Object.fromEntries([...root.getKeys({})].map((name) => [String(name), textOf(String(name))]));
  } finally {
    await root.close();
  }
};

/** Each file of a folder and its subfolders, by its path in the folder. */
export const storedFiles = (folder: string, inside = folder): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(inside).flatMap((name) => {
      const path = join(inside, name);
      if (statSync(path).isDirectory()) return Object.entries(storedFiles(folder, path));
      return [[relative(folder, path), readFileSync(path, "latin1")] as const];
    }),
  );

/** The forms in which bytes can contain an ASCII text, in latin1: plain, UTF-16, hex, and base64 at each of its three offsets. */
const formsOf = (text: string): readonly string[] => [
  text,
  Buffer.from(text, "utf16le").toString("latin1"),
  Buffer.from(text).toString("hex"),
  ...[0, 1, 2].map((offset) => {
    const encoded = Buffer.from(" ".repeat(offset) + text).toString("base64");
    // the characters at both ends also depend on the neighboring bytes
    return encoded.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + text.length) * 8) / 6));
  }),
];

/** The places, by name, whose text contains `text` in any of these forms. */
export const placesWith = (text: string, places: Readonly<Record<string, string>>): readonly string[] => {
  const forms = formsOf(text);
  return Object.keys(places)
    .filter((name) => forms.some((form) => places[name]?.includes(form)))
    .sort();
};
