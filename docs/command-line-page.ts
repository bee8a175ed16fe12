import { inWords } from "../channels/in-words.js";
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
    .map(({ flags, description, argChoices, defaultValue, defaultValueDescription }) => {
      const choices = argChoices ? `: ${inWords(argChoices)}` : "";
      const preset = defaultValue === undefined || defaultValue === "" ? "" : ` (${defaultValueDescription ?? String(defaultValue)})`;
      return `| ${code(wordsOf(command))} | ${code(flags)} | ${cell(upperFirst(description))}${choices}${preset} |`;
    });

const closing = `Every command accepts \`--config <file>\`, or the variable \`CARILLON_CONFIG\`. \`carillon --version\` prints the version.
The exit code is 0, or 1 after an error.

With \`--json\` a command prints only JSON on standard output. Progress, warnings and errors are text on standard error.
`;

const opening = `# Command line

Generated from \`cli/\` by \`npm run generate\`.

This page is for operators and senders who work from a shell. It lists every command, its options, and the key that it
needs on a remote server.
`;

/** docs/command-line.md, from the commands themselves. */
export const commandLinePage = async (): Promise<string> => {
  const commands = leavesOf(await createProgram());
  return `${opening}
## On a server

Most commands work on a running server, from any machine, without access to its stores:

\`\`\`sh
export CARILLON_URL=https://carillon.example.com
export CARILLON_API_KEY=…                       # or --key-file FILE, which contains only the key
npx carillon lanes
npx carillon reports export messages_sms --out sms.csv
\`\`\`

- \`--url\`, \`--key-file\` and \`--key\` take precedence over the variables. Other users of a machine can read \`--key\` in
  its list of processes, so prefer the file or the variable. Carillon never prints the key.
- The address may have a path, such as \`https://example.com/carillon\`. It does not contain \`/v1\`.
- With \`--url\`, the command reads no configuration and opens no store. Its output, including JSON, is the same as on
  local stores.
- Carillon refuses plain HTTP to another machine unless \`--insecure-http\` is given.
- \`HTTPS_PROXY\`, \`HTTP_PROXY\` and \`NO_PROXY\` apply, except for loopback addresses.
- Carillon follows no redirect, so the key reaches no other address.
- \`send\` and \`import\` send as the tenant of the key. A message or \`--tenant\` can name another tenant with an
  operator's key.
- A command fails after 60 seconds of silence. Long work reports its progress meanwhile.
- Ending \`plan\`, \`providers pull\`, \`webhooks enable\` or \`dead-letters redrive\` also stops the work on the server.
  Other work continues there.

Use the command line of the server's version. If it does not understand an answer, its error names both versions.

## Without a server's address

Without \`--url\` and \`CARILLON_URL\`, a command uses its configuration:

1. On the embedded profile, it uses the server that runs on the data folder on the same machine. \`running.lock\` contains
   the address of that server and a random run id. The command sends a key only if \`GET /healthz\` returns the same run
   id. The key is the first operator's key in the configuration.
2. If that server does not answer within two seconds, or does not accept the key, the command opens the stores itself.
   So do all commands on the cluster profile. They work with and without a running server.

\`topology\` and \`keys\` always use the current configuration.

\`doctor\` checks this machine and its configuration. With \`--url\` it also checks whether that server is ready. It
lists that result separately, because the local stores may belong to another installation. It ignores \`CARILLON_URL\`.

If no server runs on the embedded store, \`carillon send\` accepts the message and prints a warning. With \`--wait\` it
fails at once.

## Commands

The key is \`any\`, which sees only its own tenant's data, or \`operator\`, which needs the scope \`operate\`
([access.md](access.md#keys)). Commands on a tenant's keys need the scope \`manage\`.
Commands with – run only on the machine of the server, for the reason given.

| command | description | key | requests |
| --- | --- | --- | --- |
${commands.map(commandRow).join("\n")}

## Options

| command | option | description |
| --- | --- | --- |
${commands.flatMap(optionRows).join("\n")}

${closing}`;
};
