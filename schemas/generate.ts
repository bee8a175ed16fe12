import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Generates generated.ts from the *.avsc files in this folder: `npm run generate`. A test compares the two. */

type AvroType =
  | string
  | readonly AvroType[]
  | {
      readonly type: string;
      readonly name?: string;
      readonly doc?: string;
      readonly symbols?: readonly string[];
      readonly values?: AvroType;
      readonly items?: AvroType;
      readonly fields?: readonly { readonly name: string; readonly type: AvroType; readonly doc?: string }[];
    };

const primitives: Readonly<Record<string, string>> = {
  null: "null",
  boolean: "boolean",
  int: "number",
  long: "number",
  float: "number",
  double: "number",
  string: "string",
  bytes: "Buffer",
};

const declareNamed = (type: AvroType, declared: Map<string, string>): string => {
  if (typeof type === "string") return primitives[type] ?? type;
  if (Array.isArray(type)) return type.map((one: AvroType) => declareNamed(one, declared)).join(" | ");
  const complex = type as Exclude<AvroType, string | readonly AvroType[]>;
  const name = complex.name ?? "";
  switch (complex.type) {
    case "map":
      return `Readonly<Record<string, ${declareNamed(complex.values ?? "string", declared)}>>`;
    case "array":
      return `readonly (${declareNamed(complex.items ?? "string", declared)})[]`;
    case "enum": {
      const symbols = (complex.symbols ?? []).map((symbol) => `"${symbol}"`);
      declared.set(
        name,
        `export const ${name}Symbols = [${symbols.join(", ")}] as const;\nexport type ${name} = (typeof ${name}Symbols)[number];\n`,
      );
      return name;
    }
    case "record": {
      const fields = (complex.fields ?? []).map(
        (field) => `  /** ${field.doc ?? field.name} */\n  readonly ${field.name}: ${declareNamed(field.type, declared)};\n`,
      );
      declared.set(name, `${complex.doc ? `/** ${complex.doc} */\n` : ""}export interface ${name} {\n${fields.join("")}}\n`);
      return name;
    }
    default:
      return primitives[complex.type] ?? complex.type;
  }
};

/** The TypeScript of all schemas in `folder`. */
export const generateTypes = (folder: string): string => {
  const declared = new Map<string, string>();
  const schemas: string[] = [];
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith(".avsc"))
    .sort()) {
    const text = readFileSync(join(folder, file), "utf8");
    const schema = JSON.parse(text) as AvroType;
    const name = declareNamed(schema, declared);
    schemas.push(`export const ${name}Schema = ${JSON.stringify(schema, null, 2)} as const;\n`);
  }
  return `// Generated from the *.avsc files by \`npm run generate\`. Do not edit.\n\n${[...declared.values(), ...schemas].join("\n")}`;
};

export const schemasFolder = fileURLToPath(new URL(".", import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [path, text] = [join(schemasFolder, "generated.ts"), generateTypes(schemasFolder)];
  // a newer file would trigger a complete rebuild
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}
