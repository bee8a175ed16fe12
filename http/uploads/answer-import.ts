import type { FastifyReply, FastifyRequest } from "fastify";
import type { FailedLine } from "../../directory/failed-lines.js";
import type { ImportOptions, ImportReport, OnError } from "../../directory/import-list.js";
import { CarillonError } from "../../schemas/errors.js";
import { faultOf } from "../problem.js";
import { ListRefused } from "../refusals.js";
import type { AnswerWork } from "../work/long-work.js";

/** A list that is stored whole or not at all waits in a file of at most this size. */
export const mostSpoolBytes = 1_073_741_824;

export interface ImportTools {
  readonly answerWork: AnswerWork;
  readonly folder: string;
}

const findingsOf = (failed: readonly FailedLine[]) =>
  failed.flatMap(({ line, errors }) => errors.map((error) => ({ ...faultOf(error), field: `line ${line}: ${error.field}` })));

const stored = (imported: number, upToLine: number): string =>
  imported === 0 ? "nothing was stored" : `${imported} lines were stored, up to line ${upToLine}`;

/** An error that ended an import, with how far it came. */
const interrupted = ({ error, imported, upToLine }: ImportReport): CarillonError => {
  const problem = error?.problem ?? "the upload broke off";
  const so = stored(imported, upToLine);
  return new CarillonError(error?.code ?? "INPUT_INVALID", `${problem}; ${so}`, {
    cause: error,
    field: error?.field ?? "body",
    fix: error?.fix ?? "send the lines after the last stored one again",
    publicWords: `${error?.publicWords ?? problem}; ${so}`,
  });
};

/** What was stored of a list. Throws the error of one that was refused or that broke off. */
export const importedOf = (report: ImportReport) => {
  const { state, imported, failed, failedCount } = report;
  if (state === "refused") throw new ListRefused(failedCount, findingsOf(failed));
  if (state === "interrupted") throw interrupted(report);
  return { imported, failed: failed.map(({ line, errors }) => ({ line, errors: errors.map(faultOf) })), failedCount };
};

/** Answers an import with what was stored, or with why nothing more was. A caller that accepts NDJSON follows its progress. */
export const answerImport = (
  { answerWork, folder }: ImportTools,
  request: FastifyRequest,
  reply: FastifyReply,
  onError: OnError,
  run: (options: ImportOptions) => Promise<ImportReport>,
): Promise<FastifyReply> =>
  answerWork(request, reply, async ({ progress }) => {
    const report = await run({
      onError,
      spool: { folder, mostBytes: mostSpoolBytes },
      onProgress: ({ imported, failed }) => progress(imported + failed),
    });
    // what is left of a list that is not read to its end would be taken for the next request
    if (!request.raw.complete) reply.header("connection", "close");
    return importedOf(report);
  });
