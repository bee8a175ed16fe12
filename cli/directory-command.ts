import { type Command, Option } from "commander";
import { tenantName, wholeAbove0 } from "./arguments.js";
import type { DirectoryAdministration } from "./deployment/deployment.js";
import { withDeployment } from "./deployment/open-deployment.js";
import { sayAside } from "./print.js";

/** Options of every command on users or groups. */
export interface DirectoryOptions {
  readonly tenant?: string;
  readonly json?: boolean;
}

export interface PageOptions extends DirectoryOptions {
  readonly limit: number;
  readonly cursor?: string;
}

/** Works on the users and groups that a command is given for. */
export const onDirectory = (command: Command, work: (directory: DirectoryAdministration) => Promise<void>): Promise<void> =>
  withDeployment(command, ({ directory }) => work(directory));

export const directoryOptions = (command: Command): Command =>
  command.option("--tenant <tenant>", "the tenant; default: that of the key", tenantName).option("--json", "print JSON");

/** The options of a list in pages. */
export const pageOptions = (command: Command): Command =>
  directoryOptions(command)
    .addOption(new Option("--limit <number>", "at most this many").argParser(wholeAbove0(1_000)).default(100))
    .option("--cursor <cursor>", "continue after the previous page");

/** How to get the next page. */
export const sayCursor = (cursor: string | null): void => {
  if (cursor !== null) sayAside(`more: --cursor ${cursor}`);
};
