import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mapEnums } from "../schemas/open-enums.js";
import { channelNameProblem } from "./channel-name.js";
import { withContent } from "./content-record.js";

/**
 * Collects the channels in types/ into generated.ts in this folder and into the records' schema of channels and content. `npm run
 * generate`.
 */

/** Throws unless a channel's file exports the channel under the file's name. */
export const assertExport = (name: string, text: string): void => {
  if (new RegExp(`^export const ${name}\\b`, "m").test(text)) return;
  throw new Error(`channels/types/${name}.ts exports no ${name}: write "export const ${name} = defineChannel({ … })" there`);
};

const symbolsIn = (schema: object): readonly string[] => {
  let found: readonly string[] = [];
  mapEnums(schema, (name, symbols) => {
    if (name === "Channel") found = symbols;
    return symbols;
  });
  return found;
};

/** The released channels in their order, then the others by name. A released channel must stay, because a log may contain records of it. */
export const channelNames = (files: readonly string[], released: readonly string[]): readonly string[] => {
  const names = files.filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -".ts".length));
  for (const name of names) {
    const problem = channelNameProblem(name);
    if (problem !== undefined) throw new Error(`channels/types/${name}.ts: ${problem}`);
  }
  const gone = released.filter((name) => !names.includes(name));
  if (gone.length > 0) throw new Error(`channels/types/${gone[0]}.ts is missing: a released channel cannot be removed`);
  return [...released, ...names.filter((name) => !released.includes(name)).sort()];
};

/** The generated TypeScript list. */
export const generateList = (names: readonly string[]): string => `// Generated from channels/types by \`npm run generate\`. Do not edit.

${[...names]
  .sort()
  .map((name) => `import { ${name} } from "./types/${name}.js";\n`)
  .join("")}
/** Every channel: a new one is a file in types/, and no more. */
export const channelDefinitions = { ${names.join(", ")} } as const;
`;

/** A record's schema with these symbols in its channel enum. */
export const withChannels = (schema: object, names: readonly string[]): unknown =>
  mapEnums(schema, (name, symbols) => (name === "Channel" ? names : symbols));

/** Leaves an unchanged file alone: a newer one would trigger a complete rebuild. */
const writeChanged = (path: string, text: string): void => {
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
};

const root = fileURLToPath(new URL("..", import.meta.url));
const readSchema = (...path: string[]): object => JSON.parse(readFileSync(join(root, "schemas", ...path), "utf8")) as object;

const generate = (): void => {
  const released = symbolsIn(readSchema("released", "dispatch-command.avsc"));
  const names = channelNames(readdirSync(join(root, "channels/types")), released);
  for (const name of names) assertExport(name, readFileSync(join(root, "channels/types", `${name}.ts`), "utf8"));
  writeChanged(join(root, "channels/generated.ts"), generateList(names));
  for (const file of readdirSync(join(root, "schemas")).filter((name) => name.endsWith(".avsc")))
    writeChanged(join(root, "schemas", file), `${JSON.stringify(withContent(withChannels(readSchema(file), names)), null, 2)}\n`);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    generate();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
