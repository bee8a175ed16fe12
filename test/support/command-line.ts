import { runCommandLine } from "../../cli/main.js";
import { cleanEnvironment } from "./clean-environment.js";

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Write = NodeJS.WriteStream["write"];

/** Captures writes until the stream is released. */
const capture = (stream: NodeJS.WriteStream) => {
  const { write } = stream;
  let text = "";
  stream.write = ((chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    for (const done of rest) if (typeof done === "function") done();
    return true;
  }) as Write;
  return {
    text: () => text,
    release: () => {
      stream.write = write;
    },
  };
};

/**
 * Runs a command line in this process, in a hundredth of a separate process's time. Only for a command's actions and output: not for
 * signals, streams, process-wide settings, or arguments that the parser itself refuses.
 */
export const commandLine = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> => {
  const { env, exitCode } = process;
  process.env = { ...cleanEnvironment(), NO_COLOR: "1", ...environment };
  process.exitCode = undefined;
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  try {
    await runCommandLine(["node", "carillon", ...args]);
    return { status: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.release();
    stderr.release();
    process.env = env;
    process.exitCode = exitCode;
  }
};
