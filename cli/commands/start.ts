import type { Command } from "commander";
import type { Config } from "../../config/schema.js";
import { maskOf } from "../../config/secrets.js";
import { messageOf } from "../../schemas/errors.js";
import type { Carillon } from "../../service/carillon.js";
import { paint } from "../palette.js";
import { say, sayAside } from "../print.js";
import { configOf, fileOf, warnOfUnusedVariables } from "../session.js";
import { goOnWithoutOutput } from "../standard-output.js";

const quoted = (text: string): string => (/^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Commands that work on this server, with the file that it was started with. */
const hints = (url: string, file: string | undefined, hasKeys: boolean): string => {
  const carillon = `npx carillon${file === undefined ? "" : ` --config ${quoted(file)}`}`;
  const key = hasKeys ? " -H 'authorization: Bearer KEY'" : "";
  return `
Try next, in another terminal:
  ${paint.cyan(`${carillon} send --channel email --to flaky@sandbox.carillon.test --subject Hello --text 'Hi there' --wait`)}
  ${paint.cyan(`curl -s ${url}/v1/messages${key} -H 'content-type: application/json' -d '{"channel":"sms","to":"+14155550100","content":{"text":"Hi"}}'`)}
  ${paint.cyan(`${carillon} outbox email`)}      messages that the sandbox delivered
  ${paint.cyan("npx carillon --help")}            all commands
`;
};

/** A slower shutdown is forced, so that no supervisor has to. */
const stopDeadlineMs = 60_000;

/** A process that is not ready has accepted nothing, so unavailable servers delay its shutdown no longer than this. */
const startDeadlineMs = 5_000;

/** Loaded late, so that other commands need not load it. */
const run = async (config: Config): Promise<Carillon> => {
  const [{ startCarillon }, { createLogger }] = await Promise.all([
    import("../../service/carillon.js"),
    import("../../operations/telemetry/logger.js"),
  ]);
  return startCarillon({ config, logger: createLogger(config.log.level, config.instance, maskOf(config)) });
};

export const addStartCommand = (program: Command): void => {
  program
    .command("start")
    .description("run Carillon: all queues, or only those in runtime.queues")
    .action(async (_options: unknown, command: Command) => {
      const beginMs = Date.now();
      const config = configOf(command);
      goOnWithoutOutput();
      warnOfUnusedVariables(config);
      const starting = run(config);
      let ready = false;
      let stopping = false;
      const stop = (signal: string): void => {
        stopping = true;
        sayAside(`\n${signal}: ${ready ? "draining …" : `not ready yet; stopping within ${startDeadlineMs / 1_000} s …`}`);
        setTimeout(() => {
          if (ready) return;
          sayAside("stopped before it was ready");
          process.exit(0);
        }, startDeadlineMs).unref();
        setTimeout(() => {
          sayAside(paint.yellow(`not all work ended within ${stopDeadlineMs / 1_000} s; unacknowledged records will be processed again`));
          process.exit(1);
        }, stopDeadlineMs).unref();
        starting
          .then(({ stop }) => stop())
          .then(
            () => process.exit(0),
            (error: unknown) => {
              sayAside(paint.yellow(`stopped with errors: ${maskOf(config)(messageOf(error))}`));
              process.exit(1);
            },
          );
      };
      process.once("SIGTERM", () => stop("SIGTERM"));
      process.once("SIGINT", () => stop("SIGINT"));
      sayAside(`Starting on the ${config.profile} profile …`);
      const carillon = await starting;
      ready = true;
      if (stopping) return;
      if (carillon.url) {
        say(`${paint.green("Carillon is ready at")} ${carillon.url}`);
        if (config.profile === "embedded") say(hints(carillon.url, fileOf(command), config.http.apiKeys.length > 0));
      } else {
        say(`${paint.green("Carillon is ready")} without HTTP (http.enabled is off)`);
      }
      sayAside(paint.dim(`started in ${((Date.now() - beginMs) / 1_000).toFixed(1)} s; press Ctrl-C to stop`));
    });
};
