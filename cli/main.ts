import { Command } from "commander";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { ownVersion } from "../wire/own-version.js";
import { assertReach } from "./command-tree.js";
import { paint } from "./palette.js";
import { sayAside } from "./print.js";
import { watchStandardOutput } from "./standard-output.js";

type AddCommand = (program: Command) => void;

/** Commands by name, loaded when called: no command waits for another's packages. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  start: async () => (await import("./commands/start.js")).addStartCommand,
  send: async () => (await import("./commands/send.js")).addSendCommand,
  import: async () => (await import("./commands/import.js")).addImportCommand,
  status: async () => (await import("./commands/status.js")).addStatusCommand,
  why: async () => (await import("./commands/why.js")).addWhyCommand,
  outbox: async () => (await import("./commands/outbox.js")).addOutboxCommand,
  lanes: async () => (await import("./commands/lanes.js")).addLanesCommand,
  plan: async () => (await import("./commands/plan.js")).addPlanCommand,
  topology: async () => (await import("./commands/topology.js")).addTopologyCommand,
  "dead-letters": async () => (await import("./commands/dead-letters.js")).addDeadLettersCommand,
  providers: async () => (await import("./commands/providers.js")).addProvidersCommand,
  reports: async () => (await import("./commands/reports.js")).addReportsCommand,
  webhooks: async () => (await import("./commands/webhooks.js")).addWebhooksCommand,
  tenants: async () => (await import("./commands/tenants.js")).addTenantsCommand,
  users: async () => (await import("./commands/users.js")).addUsersCommand,
  groups: async () => (await import("./commands/groups.js")).addGroupsCommand,
  erase: async () => (await import("./commands/erase.js")).addEraseCommand,
  keys: async () => (await import("./commands/keys.js")).addKeysCommand,
  config: async () => (await import("./commands/config.js")).addConfigCommand,
  prepare: async () => (await import("./commands/prepare.js")).addPrepareCommand,
  doctor: async () => (await import("./commands/doctor.js")).addDoctorCommand,
  backup: async () => (await import("./commands/backup.js")).addBackupCommand,
  restore: async () => (await import("./commands/backup.js")).addRestoreCommand,
};

/** The program with the command named first in the arguments. With every command otherwise: for help, mistakes, or leading options. */
export const createProgram = async ([first = ""]: readonly string[] = []): Promise<Command> => {
  const program = new Command("carillon")
    .description("A message distribution center: Avro events in, email, SMS and push out, with the lineage of every message.")
    .version(ownVersion(), "-V, --version", "print the version")
    .option("-c, --config <file>", "configuration file (default: CARILLON_CONFIG)")
    .option("--url <address>", "use the server at this address instead of local stores (default: CARILLON_URL)")
    .option("--key-file <file>", "file with the key for that server (default: CARILLON_API_KEY)")
    .option("--key <key>", "the key itself; other users of this machine can read it, so prefer the file or the variable")
    .option("--insecure-http", "allow an address of another machine without TLS")
    .showHelpAfterError("(run carillon --help for the commands)")
    .hook("preAction", (_program, command) => assertReach(command, process.env));
  const one = Object.hasOwn(commands, first) ? commands[first] : undefined;
  const adds = one === undefined ? await Promise.all(Object.values(commands).map((read) => read())) : [await one()];
  for (const add of adds) add(program);
  return program;
};

const lastWordsMs = 5_000;

/** Node.js replaces bytes that are not UTF-8 with U+FFFD. Such an argument must be neither sent nor searched for. */
const refuseForeignBytes = (argv: readonly string[]): void => {
  const foreign = argv.find((argument) => argument.includes("\ufffd"));
  if (foreign !== undefined)
    throw new CarillonError("INPUT_INVALID", `the argument ${foreign} is not UTF-8`, { fix: "use UTF-8 in the terminal or script" });
};

const tooFewFiles =
  "raise this account's limit of open files to 4096 or more: ulimit -n, LimitNOFILE= of systemd, or the container's limits";

/** The fix for an error of the operating system or of Node.js. */
const fixOfSystem = (error: unknown): string | undefined => {
  const { code } = error as NodeJS.ErrnoException;
  // some errors of Node.js's module loader contain the system's message without its code
  if (code === "EMFILE" || code === "ENFILE" || /too many open files/i.test(messageOf(error))) return tooFewFiles;
  // Node.js also reports this if it cannot open more files
  return code === "ERR_MODULE_NOT_FOUND" ? `reinstall Carillon, for example with npm ci; if it is complete, ${tooFewFiles}` : undefined;
};

const sayError = (error: unknown): void => {
  sayAside(`${paint.red("✗")} ${messageOf(error)}`);
  const fix = error instanceof CarillonError ? error.fix : fixOfSystem(error);
  if (fix) sayAside(`  ${paint.dim("fix:")} ${fix}`);
};

/** Node.js prints warnings, and the error that ends a process, without Carillon's streams: unmasked and unescaped. */
const wordOwnEnd = (): void => {
  if (process.listenerCount("warning") > 0) {
    process.removeAllListeners("warning");
    process.on("warning", ({ name, message }) => sayAside(`${name}: ${message}`));
  }
  process.on("uncaughtException", (error) => {
    sayError(error);
    if (error instanceof Error && error.stack !== undefined) sayAside(error.stack);
    process.exit(1);
  });
};

/** Runs one command line in this process. Prints an error as one message with its fix. Resolves with whether it succeeded. */
export const runCommandLine = async (argv: readonly string[]): Promise<boolean> => {
  let program: Command | undefined;
  try {
    refuseForeignBytes(argv);
    program = await createProgram(argv.slice(2));
    await program.parseAsync([...argv]);
    return true;
  } catch (error) {
    sayError(error);
    if (error instanceof CarillonError && error.code === "UNAVAILABLE") {
      const url = program?.opts<{ url?: string }>().url ?? process.env.CARILLON_URL?.trim();
      sayAside(`  ${paint.dim("see also:")} carillon doctor${url ? ` --url ${url}` : ""}`);
    }
    if (!(error instanceof CarillonError) && process.env.CARILLON_DEBUG) sayAside(`${error instanceof Error ? error.stack : ""}`);
    process.exitCode = 1;
    return false;
  }
};

/** Runs the command line as a separate process. */
export const main = async (argv: readonly string[]): Promise<void> => {
  // store, outbox, exports, backups and logs contain recipients and contents, so only this account may read them
  process.umask(0o077);
  // every command would print it; package.json names the versions of Node.js that Carillon supports
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  wordOwnEnd();
  watchStandardOutput();
  const isDone = await runCommandLine(argv);
  // something may still keep the process alive while a supervisor waits for its end
  if (!isDone) setTimeout(() => process.exit(), lastWordsMs).unref();
};
