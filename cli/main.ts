import { Command } from "commander";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { addBackupCommand, addRestoreCommand } from "./commands/backup.js";
import { addConfigCommand } from "./commands/config.js";
import { addDeadLettersCommand } from "./commands/dead-letters.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { addEraseCommand } from "./commands/erase.js";
import { addImportCommand } from "./commands/import.js";
import { addKeysCommand } from "./commands/keys.js";
import { addLanesCommand } from "./commands/lanes.js";
import { addOutboxCommand } from "./commands/outbox.js";
import { addPlanCommand } from "./commands/plan.js";
import { addPrepareCommand } from "./commands/prepare.js";
import { addProvidersCommand } from "./commands/providers.js";
import { addReportsCommand } from "./commands/reports.js";
import { addSendCommand } from "./commands/send.js";
import { addStartCommand } from "./commands/start.js";
import { addStatusCommand } from "./commands/status.js";
import { addTopologyCommand } from "./commands/topology.js";
import { addWebhooksCommand } from "./commands/webhooks.js";
import { addWhyCommand } from "./commands/why.js";
import { paint } from "./palette.js";
import { sayAside } from "./print.js";

/** The command line, with every command. */
export const createProgram = (): Command => {
  const program = new Command("carillon")
    .description("A message distribution center: Avro events in, email, SMS and push out, with the lineage of every message.")
    .option("-c, --config <file>", "configuration file (else CARILLON_CONFIG)")
    .showHelpAfterError("(carillon --help lists the commands)");
  for (const add of [
    addStartCommand,
    addSendCommand,
    addImportCommand,
    addStatusCommand,
    addWhyCommand,
    addOutboxCommand,
    addLanesCommand,
    addPlanCommand,
    addTopologyCommand,
    addDeadLettersCommand,
    addProvidersCommand,
    addReportsCommand,
    addWebhooksCommand,
    addEraseCommand,
    addKeysCommand,
    addConfigCommand,
    addPrepareCommand,
    addDoctorCommand,
    addBackupCommand,
    addRestoreCommand,
  ]) {
    add(program);
  }
  return program;
};

const lastWordsMs = 5_000;

/** Node puts U+FFFD in the place of bytes that are not UTF-8. They are not to be sent so, nor looked for. */
const refuseForeignBytes = (argv: readonly string[]): void => {
  const foreign = argv.find((argument) => argument.includes("\ufffd"));
  if (foreign !== undefined)
    throw new CarillonError("CONFIG_INVALID", `the argument ${foreign} is not UTF-8`, { fix: "set the terminal, or the script, to UTF-8" });
};

/** Node prints warnings, and the error that ends a process, past our streams: unmasked, and as they came from elsewhere. */
const wordOwnEnd = (): void => {
  if (process.listenerCount("warning") > 0) {
    process.removeAllListeners("warning");
    process.on("warning", ({ name, message }) => sayAside(`${name}: ${message}`));
  }
  process.on("uncaughtException", (error) => {
    sayAside(`${paint.red("✗")} ${messageOf(error)}\n${error instanceof Error ? (error.stack ?? "") : ""}`);
    process.exit(1);
  });
};

/** The command line. Errors are one message with its fix, and an exit code other than 0. */
export const main = async (argv: readonly string[]): Promise<void> => {
  // store, outbox, exports, backups and logs hold recipients and contents: for this account alone
  process.umask(0o077);
  // every command would print it; docs/operating.md names the versions of Node that are tested
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  wordOwnEnd();
  // whoever reads has seen enough, as head does; and a full disk under a log ends nothing
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    if (error.code !== "ENOSPC") throw error;
  });
  process.stderr.on("error", () => undefined);
  try {
    refuseForeignBytes(argv);
    await createProgram().parseAsync([...argv]);
  } catch (error) {
    sayAside(`${paint.red("✗")} ${messageOf(error)}`);
    if (error instanceof CarillonError && error.fix) sayAside(`  ${paint.dim("what to do:")} ${error.fix}`);
    if (error instanceof CarillonError && error.code === "UNAVAILABLE") sayAside(`  ${paint.dim("see also:")} carillon doctor`);
    if (!(error instanceof CarillonError) && process.env.CARILLON_DEBUG) sayAside(`${error instanceof Error ? error.stack : ""}`);
    process.exitCode = 1;
    // whatever still holds on: a supervisor waits for this process to end
    setTimeout(() => process.exit(), lastWordsMs).unref();
  }
};
