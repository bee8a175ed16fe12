import type { Command } from "commander";
import pc from "picocolors";
import type { Config } from "../../config/schema.js";
import { maskOf } from "../../config/secrets.js";
import { messageOf } from "../../schemas/errors.js";
import type { Carillon } from "../../service/carillon.js";
import { say, sayAside } from "../print.js";
import { configOf } from "../session.js";

const hints = (url: string): string => `
Try next, in another terminal:
  ${pc.cyan("npx carillon send --channel email --to flaky@sandbox.carillon.test --subject Hello --text 'Hi there' --wait")}
  ${pc.cyan(`curl -s ${url}/v1/messages -H 'content-type: application/json' -d '{"channel":"sms","to":"+14155550100","content":{"text":"Hi"}}'`)}
  ${pc.cyan("npx carillon outbox email")}      what the sandbox delivered
  ${pc.cyan("npx carillon --help")}            everything else
`;

/** A drain that takes longer than this ends hard, so that no supervisor has to. */
const stopDeadlineMs = 60_000;

/** Loaded late, so that no other command waits for all of it. */
const run = async (config: Config): Promise<Carillon> => {
  const [{ startCarillon }, { createLogger }] = await Promise.all([import("../../service/carillon.js"), import("../../service/logger.js")]);
  return startCarillon({ config, logger: createLogger(config.log.level, config.instance, maskOf(config)) });
};

export const addStartCommand = (program: Command): void => {
  program
    .command("start")
    .description("run Carillon: everything in one process, or what runtime.only names")
    .action(async (_options: unknown, command: Command) => {
      const begin = Date.now();
      const config = configOf(command);
      const starting = run(config);
      const stop = (signal: string): void => {
        process.stderr.write(`\n${signal}: draining …\n`);
        setTimeout(() => process.exit(1), stopDeadlineMs).unref();
        starting
          .then(({ stop }) => stop())
          .then(
            () => process.exit(0),
            (error: unknown) => {
              sayAside(pc.yellow(`stopped, but not everything could be ended: ${maskOf(config)(messageOf(error))}`));
              process.exit(1);
            },
          );
      };
      process.once("SIGTERM", () => stop("SIGTERM"));
      process.once("SIGINT", () => stop("SIGINT"));
      process.stderr.write(`Starting on the ${config.profile} profile …\n`);
      const carillon = await starting;
      if (carillon.url) {
        say(`${pc.green("Carillon is ready at")} ${carillon.url}`);
        if (config.profile === "embedded") say(hints(carillon.url));
      } else {
        say(`${pc.green("Carillon is ready")}; it does not listen (http.enabled is off)`);
      }
      process.stderr.write(pc.dim(`started in ${((Date.now() - begin) / 1_000).toFixed(1)} s; Ctrl-C stops it\n`));
    });
};
