// Bundles carillon-client and carillon-testing from dist/, each with its declarations and with the licences of the packages in its bundle.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { externalsOf, nodeBundle } from "./node-bundle.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

/**
 * `folders`: the only folders of Carillon that a package may contain. `lent`: packages that are neither bundled nor installed with it.
 * `absent`: modules that no code of the package uses.
 */
const packages = [
  {
    folder: "client",
    entry: "client/index",
    folders: ["channels", "client", "schemas", "stores", "wire"],
    lent: [],
    // the registry's library uses them for JSON Schema and Protobuf; Carillon's records are Avro
    absent: ["ajv", "protobufjs", "protobufjs/light"],
  },
  {
    folder: "testing",
    entry: "service/testing",
    folders: [
      ...["access", "channels", "client", "config", "directory", "engine", "operations", "processors", "reports", "schemas"],
      ...["service", "sinks", "sources", "stores", "topology", "wire"],
    ],
    // loaded by providers other than the sandbox, which tests replace
    lent: ["@aws-sdk/*", "nodemailer", "nodemailer/*", "smpp"],
    absent: [],
  },
];

const fail = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};

/** Replaces each module with an empty one. */
const without = (names) => ({
  name: "without",
  setup: ({ onResolve, onLoad }) => {
    if (names.length === 0) return;
    const filter = new RegExp(`^(${names.map((name) => name.replace(/[/@.-]/g, "\\$&")).join("|")})$`);
    onResolve({ filter }, ({ path }) => ({ path, namespace: "without" }));
    onLoad({ filter: /^/, namespace: "without" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
});

/** zod contains its messages in fifty languages, a quarter of the bundle. Carillon has its own messages. */
const inEnglish = {
  name: "in-english",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
      loader: "js",
    })),
};

const posixPath = (path) => relative(root, path).split(sep).join("/");

/** Fails if the bundle contains a file of another folder. */
const checkInputs = ({ folder, folders }, inputs) => {
  const strange = inputs.filter((path) => !path.includes("node_modules/") && !folders.some((one) => path.startsWith(`dist/${one}/`)));
  if (strange.length > 0) fail(`packages/${folder} may import only its sources, and imports ${strange.join(", ")}`);
};

const licenceFile = /^(licen[cs]e|copying|notice)/i;

/** The packages in a bundle with their licences. Fails for a package without one. */
const licencesOf = (inputs) => {
  const folders = [...new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []))].sort();
  return folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const files = readdirSync(join(root, folder)).filter((file) => licenceFile.test(file));
    if (files.length === 0 && !license) fail(`${folder} has no licence`);
    const texts = files.map((file) => readFileSync(join(root, folder, file), "utf8").trim());
    return `${name} ${version}${license ? ` (${license})` : ""}\n\n${texts.join("\n\n")}`.trim();
  });
};

const bundle = async (entry, to, { lent, absent, folder }) => {
  const { dependencies } = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"));
  const { metafile } = await build({
    ...nodeBundle,
    entryPoints: { index: join(dist, `${entry}.js`) },
    absWorkingDir: root,
    outdir: to,
    // half of the time of an import is reading and parsing; names stay, for stacks and for libraries that read names of classes
    minifyWhitespace: true,
    minifySyntax: true,
    // Node.js prints the whole line that an uncaught error came from
    lineLimit: 160,
    metafile: true,
    // THIRD-PARTY-LICENSES.txt contains them
    legalComments: "none",
    external: [...externalsOf(Object.keys(dependencies)), ...lent],
    plugins: [without(absent), inEnglish],
  });
  return Object.keys(metafile.inputs).filter((path) => !path.startsWith("without:"));
};

const importForm = /(?:\bfrom\s*|\bimport\s*|\bimport\()"([^"\n]+)"/g;

/** The declarations that those of the entry import, by their paths in dist/. Fails for a library that is not installed with the package. */
const declarationsOf = (entry, { folder, folders }) => {
  const { dependencies } = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"));
  const isThere = (name) => name.startsWith("node:") || Object.keys(dependencies).some((one) => name === one || name.startsWith(`${one}/`));
  const found = new Set();
  const open = [`${entry}.d.ts`];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    if (!folders.some((one) => path.startsWith(`${one}/`))) fail(`packages/${folder}: its declarations import ${path}`);
    for (const [, name] of readFileSync(join(dist, path), "utf8").matchAll(importForm)) {
      if (name.startsWith(".")) open.push(posix.join(posix.dirname(path), name).replace(/\.js$/, ".d.ts"));
      else if (!isThere(name)) fail(`packages/${folder}: ${path} names ${name}, which the package does not depend on`);
    }
  }
  return found;
};

for (const one of packages) {
  const to = join(root, "packages", one.folder, "dist");
  rmSync(to, { recursive: true, force: true });
  const inputs = await bundle(one.entry, to, one);
  checkInputs(
    one,
    inputs.map((path) => posixPath(join(root, path))),
  );
  writeFileSync(
    join(to, "THIRD-PARTY-LICENSES.txt"),
    `The files in this folder contain code of these packages.\n\n${licencesOf(inputs).join(`\n\n${"-".repeat(80)}\n\n`)}\n`,
  );
  for (const path of declarationsOf(one.entry, one)) {
    const target = join(to, "types", path);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(dist, path), target);
  }
  if (!existsSync(join(to, "index.js"))) fail(`packages/${one.folder} has no index.js`);
}
