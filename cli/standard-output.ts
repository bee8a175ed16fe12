import { messageOf } from "../schemas/errors.js";
import { paint } from "./palette.js";
import { sayAside } from "./print.js";

let goesOn = false;
let isLost = false;

/** From here on the process outlives its output: a server goes on when its log's disk is full, or nobody reads it. */
export const goOnWithoutOutput = (): void => {
  goesOn = true;
};

/** A command whose output did not arrive has failed, unless its reader has seen enough, as head does. */
const onError = (error: NodeJS.ErrnoException): void => {
  if (goesOn) return;
  if (error.code === "EPIPE") process.exit();
  if (isLost) return;
  isLost = true;
  sayAside(`${paint.red("✗")} the output could not be written: ${messageOf(error)}`);
  sayAside(`  ${paint.dim("what to do:")} make room where it goes, and give the command again; what it has changed is done`);
};

/** Has every command notice when its output is lost, and none end by it before its work is done. */
export const watchStandardOutput = (): void => {
  process.stdout.on("error", onError);
  process.stderr.on("error", () => undefined);
  process.on("exit", () => {
    if (isLost) process.exitCode = 1;
  });
};
