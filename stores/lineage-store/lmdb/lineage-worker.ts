import { parentPort, workerData } from "node:worker_threads";
import { open } from "lmdb";
import { CarillonError, messageOf } from "../../../schemas/errors.js";
import { lmdbOptions } from "../../lmdb-environment.js";
import { openLmdbDocuments } from "./lmdb-documents.js";
import { createLmdbReader } from "./lmdb-reader.js";
import type { WorkerAnswer, WorkerQuestion, WorkerSettings } from "./worker-reader.js";

/** Answers analyst queries from the same file, in a separate thread from delivery. */

const { path, deadlineMs } = workerData as WorkerSettings;
const root = open({ ...lmdbOptions, path, readOnly: true });
const reader = createLmdbReader(openLmdbDocuments(root), deadlineMs);
const port = parentPort;

const answer = async ({ id, method, args }: WorkerQuestion): Promise<WorkerAnswer> => {
  try {
    root.resetReadTxn();
    return { id, value: await (reader[method] as (...given: unknown[]) => Promise<unknown>)(...args) };
  } catch (error) {
    if (error instanceof CarillonError) {
      const { code, problem, field, fix } = error;
      return { id, error: { code, problem, field, fix } };
    }
    // the query engine's error for a query that it cannot parse
    return { id, error: { code: "FILTER_REFUSED", problem: messageOf(error), field: undefined, fix: undefined } };
  }
};

port?.on("message", async (question: WorkerQuestion) => {
  port.postMessage({ id: question.id, begun: true } satisfies WorkerAnswer);
  port.postMessage(await answer(question));
});
