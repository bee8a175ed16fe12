import type { Command } from "commander";
import { type BatchResult, mostInBatch } from "../../http/batch-result.js";
import { counted } from "../../schemas/counted.js";
import { tenantName } from "../arguments.js";
import type { Messages } from "../deployment/deployment.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { sizeOfFile } from "../import-file.js";
import { inputsOf } from "../import-inputs.js";
import { paint } from "../palette.js";
import { createProgress, percentOf, say, sayAside, sayJson } from "../print.js";

const shownProblems = 20;

interface ImportOptions {
  readonly tenant?: string;
  readonly template?: string;
  readonly channel?: string;
  readonly json?: boolean;
}

interface Tally {
  accepted: number;
  refused: number;
  bytes: number;
}

/** A line of the file: a message, or the problem of the line itself. */
type Line = { readonly number: number } & ({ readonly input: unknown } | { readonly problem: string });

const refuse = (tally: Tally, number: number, problem: string): void => {
  tally.refused += 1;
  if (tally.refused <= shownProblems) sayAside(`${paint.red("✗")} line ${number}${problem}`);
};

const problemOf = (result: BatchResult | undefined): string | undefined => {
  if (result && !("errors" in result)) return undefined;
  return `: ${(result?.errors ?? []).map(({ field, problem, fix }) => `${field} ${problem} (${fix})`).join("; ")}`;
};

/** Sends the messages among the lines, and counts the result of each line, in their order. */
const sendLines = async (lines: readonly Line[], messages: Messages, tenant: string | undefined, tally: Tally): Promise<void> => {
  const inputs = lines.flatMap((line) => ("input" in line ? [line.input] : []));
  const results = (inputs.length > 0 ? await messages.sendBatch(inputs, tenant) : []).values();
  for (const line of lines) {
    const problem = "input" in line ? problemOf(results.next().value) : ` ${line.problem}`;
    if (problem === undefined) tally.accepted += 1;
    else refuse(tally, line.number, problem);
  }
};

const importFile = async (file: string, { tenant, template, channel }: ImportOptions, messages: Messages, tally: Tally): Promise<void> => {
  const total = sizeOfFile(file);
  const progress = createProgress(
    `importing ${file}`,
    (lines) => `${counted(lines, "line")}${total === undefined ? "" : percentOf(tally.bytes, total)}`,
  );
  let lines: Line[] = [];
  const flush = async (): Promise<void> => {
    const batch = lines;
    // cleared before sending: lines that failed half-way must not be sent again
    lines = [];
    await sendLines(batch, messages, tenant, tally);
    progress.at(tally.accepted + tally.refused);
  };
  try {
    for await (const { number, input, problem, readBytes } of inputsOf(file, { template, channel })) {
      tally.bytes = readBytes;
      lines.push(problem === undefined ? { number, input } : { number, problem });
      if (lines.length >= mostInBatch) await flush();
    }
  } catch (error) {
    // the lines before it are still sent, so that the figures show where to continue
    if (lines.length > 0) await flush();
    throw error;
  }
  tally.bytes = total ?? tally.bytes;
  await flush();
  progress.end();
};

export const addImportCommand = (program: Command): void => {
  program
    .command("import <file>")
    .description(
      "send the messages in an NDJSON or CSV file (.gz too; - reads standard input); a line is a body of POST /v1/messages, a CSV column a field such as variables.name",
    )
    .option("--tenant <tenant>", "tenant of lines that name none (default: local, or the tenant of the key)", tenantName)
    .option("--template <name>", "template of lines that have neither template nor content")
    .option("--channel <channel>", "channel of lines that name none")
    .option("--json", "print JSON: the numbers of accepted and refused lines")
    .action((file: string, options: ImportOptions, command: Command) =>
      withDeployment(command, async ({ messages }) => {
        const tally: Tally = { accepted: 0, refused: 0, bytes: 0 };
        const beginMs = Date.now();
        const sayFigures = (): void => {
          const { accepted, refused } = tally;
          if (options.json) sayJson({ accepted, refused, tookMs: Date.now() - beginMs });
          else say(`${accepted} accepted in ${((Date.now() - beginMs) / 1_000).toFixed(1)} s, ${refused} refused`);
        };
        try {
          await importFile(file, options, messages, tally);
        } catch (error) {
          if (tally.accepted + tally.refused > 0) sayFigures();
          throw error;
        }
        sayFigures();
        if (tally.refused > 0) process.exitCode = 1;
      }),
    );
};
