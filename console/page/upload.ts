import type { WorkLine } from "../../http/work/work-line.js";
import { Problem, type ProblemBody, problemOf } from "./ask.js";

export interface UploadProgress {
  /** The share of the file that was sent, from 0 to 1. */
  readonly sent: number;
  /** Lines that Carillon has processed; undefined until it reports them. */
  readonly lines: number | undefined;
}

export interface UploadOptions {
  /** The media type of the list. */
  readonly type: string;
  readonly report: (progress: UploadProgress) => void;
  readonly signal: AbortSignal;
}

/** The lines of an answer that are complete. */
const linesOf = (text: string): readonly WorkLine[] =>
  text
    .split("\n")
    .slice(0, -1)
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as WorkLine);

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

const isStream = (request: XMLHttpRequest): boolean => (request.getResponseHeader("content-type") ?? "").startsWith("application/x-ndjson");

/** The result in an answer, whether it is a stream of lines or not. Throws its problem. */
const resultOf = <Result>(request: XMLHttpRequest): Result => {
  const { status, responseText } = request;
  if (!isStream(request)) {
    const body = jsonOf(responseText);
    if (status >= 200 && status < 300) return body as Result;
    throw problemOf(status, body as ProblemBody);
  }
  const last = linesOf(responseText).at(-1);
  if (last && "result" in last) return last.result as Result;
  if (last && "problem" in last) throw problemOf(last.problem.status, last.problem);
  throw new Problem(0, "The answer broke off", ["Send the list again: an import can be repeated"]);
};

/**
 * Sends a list, and resolves with the result. Only XMLHttpRequest reports how much of a body was sent. Carillon reads the list no faster
 * than it stores it, so this is also how much was stored.
 */
export const upload = <Result>(path: string, list: Blob, { type, report, signal }: UploadOptions): Promise<Result> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let progress: UploadProgress = { sent: 0, lines: undefined };
    const tell = (change: Partial<UploadProgress>): void => {
      progress = { ...progress, ...change };
      report(progress);
    };
    request.open("POST", path);
    request.setRequestHeader("content-type", type);
    request.setRequestHeader("accept", "application/x-ndjson");
    request.upload.onprogress = ({ loaded, total }) => tell({ sent: total === 0 ? 1 : loaded / total });
    request.onprogress = () => {
      if (!isStream(request)) return;
      const latest = linesOf(request.responseText).findLast((line) => "progress" in line);
      if (latest && "progress" in latest) tell({ sent: 1, lines: latest.progress.done });
    };
    request.onload = () => {
      try {
        resolve(resultOf<Result>(request));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = () => reject(new Problem(0, "The upload broke off", ["Send the list again: an import can be repeated"]));
    request.onabort = () => reject(new Problem(0, "The import was stopped", ["Lines that were stored before stay stored"]));
    signal.addEventListener("abort", () => request.abort());
    request.send(list);
  });
