import type { Command } from "commander";
import { diagnose, type Opening } from "../../operations/doctor/diagnose.js";
import type { Diagnosis } from "../../operations/doctor/diagnosis.js";
import { assemble } from "../../service/assemble.js";
import { openStores } from "../../service/open-stores.js";
import { systemClock } from "../../stores/clock.js";
import { paint } from "../palette.js";
import { say, sayAside, sayJson } from "../print.js";
import { configOf, warnOfUnusedVariables } from "../session.js";

const opening: Opening = {
  open: (config) => openStores(config, systemClock, () => undefined),
  assemble: (config, stores) => assemble(config, stores, systemClock),
};

const lineOf = ({ what, ok, found, fix }: Diagnosis): string =>
  `${ok ? paint.green("✔") : paint.red("✘")} ${what.padEnd(18)} ${found}${fix ? `\n  ${paint.dim("fix:")} ${fix}` : ""}`;

export const addDoctorCommand = (program: Command): void => {
  program
    .command("doctor")
    .description("check all dependencies, and report each problem with its fix; with --url, also check whether that Carillon is ready")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }, command: Command) => {
      const { url } = command.optsWithGlobals<{ url?: string }>();
      const config = configOf(command);
      warnOfUnusedVariables(config);
      if (!options.json) sayAside(paint.dim(`Checking the ${config.profile} profile …`));
      const diagnoses = await diagnose(config, opening, url);
      if (options.json) sayJson(diagnoses);
      else for (const diagnosis of diagnoses) say(lineOf(diagnosis));
      // clients that are still connecting must not keep the process alive
      process.stdout.write("", () => setImmediate(() => process.exit(diagnoses.some(({ ok }) => !ok) ? 1 : 0)));
    });
};
