import { messageOf } from "../schemas/errors.js";
import { paint } from "./palette.js";
import { sayAside } from "./print.js";

let goesOn = false;
let isLost = false;

/** From now on the process survives the loss of its output: a server continues if its log's disk is full or its reader has gone. */
export const goOnWithoutOutput = (): void => {
  goesOn = true;
};

/** A command whose output is lost has failed, unless its reader stopped early, as head does. */
const onError = (error: NodeJS.ErrnoException): void => {
  if (goesOn) return;
  if (error.code === "EPIPE") process.exit();
  if (isLost) return;
  isLost = true;
  sayAside(`${paint.red("✗")} the output could not be written: ${messageOf(error)}`);
  sayAside(`  ${paint.dim("fix:")} free space at its destination, then repeat the command; its changes are already made`);
};

/** Makes every command detect lost output, and finish its work first. */
export const watchStandardOutput = (): void => {
  process.stdout.on("error", onError);
  process.stderr.on("error", () => undefined);
  process.on("exit", () => {
    if (isLost) process.exitCode = 1;
  });
};
