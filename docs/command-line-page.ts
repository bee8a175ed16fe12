import { commandReach, type Reach } from "../cli/command-reach.js";
import { leavesOf, wordsOf } from "../cli/command-tree.js";
import { createProgram } from "../cli/main.js";

type Program = Awaited<ReturnType<typeof createProgram>>;

const cell = (text: string): string => text.replaceAll("|", "\\|");
const code = (text: string): string => `\`${cell(text)}\``;
const upperFirst = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const reachCells = (reach: Reach | undefined): readonly [key: string, routes: string] => {
  if (reach?.where === "anywhere") return [reach.access === "operator" ? "`operator`" : "any", reach.routes.map(code).join("<br>")];
  return ["–", cell(upperFirst(`${reach?.why ?? ""}.`))];
};

const usageOf = (command: Program): string =>
  [
    wordsOf(command),
    ...command.registeredArguments.map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`)),
  ].join(" ");

const commandRow = (command: Program): string => {
  const [key, routes] = reachCells(commandReach[wordsOf(command)]);
  return `| ${code(usageOf(command))} | ${cell(upperFirst(command.description()))} | ${key} | ${routes} |`;
};

const optionRows = (command: Program): string[] =>
  command.options
    .filter(({ hidden }) => !hidden)
    .map(({ flags, description, defaultValue }) => {
      const preset = defaultValue === undefined || defaultValue === "" ? "" : ` (${String(defaultValue)})`;
      return `| ${code(wordsOf(command))} | ${code(flags)} | ${cell(upperFirst(description))}${preset} |`;
    });

/** docs/command-line.md, from the commands themselves. */
export const commandLinePage = async (): Promise<string> => {
  const commands = leavesOf(await createProgram());
  return `# Command line

Generated from \`cli/\` by \`npm run generate\`.

For whoever operates Carillon from a shell: every command, what it needs, and how it reaches a server on another machine.

## On a server

Most commands work on a running server, from any machine, without access to its stores:

\`\`\`sh
export CARILLON_URL=https://carillon.example.com
export CARILLON_API_KEY=…                       # or --key-file FILE, which holds the key alone
npx carillon lanes
npx carillon reports export messages_sms --out sms.csv
\`\`\`

- \`--url\`, \`--key-file\` and \`--key\` count before the variables. Other users of a machine can read \`--key\` in its list of processes, so prefer the file or the variable. Carillon never prints the key.
- With \`--url\`, no configuration is read and no store is opened. The output is the same as on the stores, JSON included.
- The server must have TLS in front of it. Plain HTTP is refused for any machine but this one, unless \`--insecure-http\` is given.
- \`HTTPS_PROXY\`, \`HTTP_PROXY\` and \`NO_PROXY\` apply, except for addresses of this machine.
- Redirects are not followed, so the key reaches no other address.
- \`send\` and \`import\` send as the key's tenant unless a message or \`--tenant\` names another, which takes an operator's key.
- A command gives up after 60 seconds of silence. Long work reports its progress meanwhile. Ending \`plan\`, \`providers pull\`, \`webhooks enable\` or
  \`dead-letters redrive\` also stops it on the server. Other work goes on there.

Use the command line of the server's version. Where an answer does not fit, the error names both versions.

## Without a server's address

Without \`--url\` and \`CARILLON_URL\`, a command opens the stores that its configuration names. It works with and without a running server.
\`carillon send\` to an embedded store without a running server says so, and with \`--wait\` it fails at once.

## Commands

\`any\`: the key of any tenant, which sees its own tenant's data alone. \`operator\`: a key whose role is \`operator\` ([access.md](access.md)).
Commands with – run on the machine of the server alone.

| command | does | key | asks |
| --- | --- | --- | --- |
${commands.map(commandRow).join("\n")}

## Options

| command | option | meaning |
| --- | --- | --- |
${commands.flatMap(optionRows).join("\n")}

Every command takes \`--config <file>\`, or the variable \`CARILLON_CONFIG\`. A command ends with exit code 0, or with 1 after an error. Errors state what to do.
`;
};
