import type { Command } from "commander";
import type { Config } from "../../config/schema.js";
import { diagnose, type Opening } from "../../operations/doctor/diagnose.js";
import type { Diagnosis } from "../../operations/doctor/diagnosis.js";
import { assemble } from "../../service/assemble.js";
import { openStores } from "../../service/open-stores.js";
import { systemClock } from "../../stores/clock.js";
import { paint } from "../palette.js";
import { say, sayAside, sayJson } from "../print.js";
import { type Address, addressOf, type RemoteOptions } from "../remote/address.js";
import { lookAtServer } from "../remote/look-at-server.js";
import { configOf, warnOfUnusedVariables } from "../session.js";

const opening: Opening = {
  open: (config) => openStores(config, systemClock, () => undefined),
  assemble: (config, stores) => assemble(config, stores, systemClock),
};

const lineOf = ({ what, ok, found, fix }: Diagnosis): string =>
  `${ok ? paint.green("✔") : paint.red("✘")} ${what.padEnd(18)} ${found}${fix ? `\n  ${paint.dim("fix:")} ${fix}` : ""}`;

/** The stores of this machine's configuration may be those of another Carillon than the server's. */
const headingOf = ({ profile, dataDir }: Config): string =>
  `This machine and its configuration (${profile} profile, data folder ${dataDir}), which may differ from the server's:`;

const sayRows = (server: Diagnosis | undefined, own: readonly Diagnosis[], config: Config): void => {
  if (server) say(`Server:\n${lineOf(server)}\n\n${headingOf(config)}`);
  for (const diagnosis of own) say(lineOf(diagnosis));
};

const jsonOf = (server: Diagnosis | undefined, own: readonly Diagnosis[]): readonly object[] => [
  ...(server ? [{ about: "server", ...server }] : []),
  ...own.map((diagnosis) => ({ about: "this machine", ...diagnosis })),
];

/** The address to check. The check sends neither a key nor messages, so plain HTTP is harmless. */
const serverOf = ({ url }: RemoteOptions): Address | undefined =>
  url === undefined ? undefined : addressOf({ url, insecureHttp: true }, {});

export const addDoctorCommand = (program: Command): void => {
  program
    .command("doctor")
    .description("check all dependencies, and report each problem with its fix; with --url, first check whether that server is ready")
    .option("--json", "print JSON; about names the server or this machine")
    .action(async (options: { json?: boolean }, command: Command) => {
      const address = serverOf(command.optsWithGlobals<RemoteOptions>());
      const config = configOf(command);
      warnOfUnusedVariables(config);
      if (!options.json) sayAside(paint.dim(`Checking the ${config.profile} profile …`));
      const [server, own] = await Promise.all([address && lookAtServer(address), diagnose(config, opening)]);
      if (options.json) sayJson(jsonOf(server, own));
      else sayRows(server, own, config);
      const isHealthy = [...(server ? [server] : []), ...own].every(({ ok }) => ok);
      // clients that are still connecting must not keep the process alive
      process.stdout.write("", () => setImmediate(() => process.exit(isHealthy ? 0 : 1)));
    });
};
