import { STATUS_CODES } from "node:http";
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "../../operations/telemetry/logger.js";
import type { Watch } from "../../operations/watch.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import type { Mask } from "../../schemas/secret-mask.js";
import type { Clock } from "../../stores/clock.js";
import { publicWordsOf } from "../failures.js";
import { answerProblem } from "../problem.js";
import { answerRefusal, refusalOf } from "../refusals.js";
import type { RecordWork } from "./record-work.js";
import type { Progress, WorkLine, WorkProblem } from "./work-line.js";

/** Work that ends this soon is answered like any other request. */
const soonMs = 1_000;
const reportEveryMs = 500;
/** Proxies close connections after a minute without data. */
const beatEveryMs = 10_000;
const maxConcurrency = 8;

export const progressType = "application/x-ndjson";

/** Answers with the result of long work, or with its problem. */
export type AnswerWork = <Result extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  work: (watch: Watch) => Promise<Result>,
) => Promise<FastifyReply>;

export interface LongWorkDependencies {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly mask: Mask;
  readonly record: RecordWork;
}

type Ended = { readonly result: object } | { readonly error: unknown };

const wantsLines = ({ headers }: FastifyRequest): boolean => (headers.accept ?? "").toLowerCase().includes(progressType);

const lineOf = (line: WorkLine): string => `${JSON.stringify(line)}\n`;

/** The problem of work that failed after its answer had started. An exception's message goes only to the log. */
const problemOf = (error: unknown, request: FastifyRequest, { logger, mask }: LongWorkDependencies): WorkProblem => {
  const refusal = refusalOf(error);
  if (refusal) {
    const { status, code, detail, errors } = refusal;
    return { title: STATUS_CODES[status] ?? "Error", status, detail, code, ...(errors ? { errors } : {}) };
  }
  const status = error instanceof CarillonError && error.retryable ? 503 : 500;
  const { id, method, routeOptions } = request;
  logger.error({ requestId: id, method, route: routeOptions.url, status, err: mask(messageOf(error)) }, "a request failed");
  const detail = status === 503 ? publicWordsOf(error) : "an internal error, which was logged";
  return { title: STATUS_CODES[status] ?? "Error", status, detail, requestId: id };
};

/**
 * Serves work that may take minutes. A caller that accepts `application/x-ndjson` gets a line for each progress, an empty line during
 * longer pauses, and the result or the problem in the last line. If the caller disconnects, work that can stop is cancelled. Other callers
 * wait for the result, and their work continues without them.
 */
export const createLongWork = (app: FastifyInstance, dependencies: LongWorkDependencies): AnswerWork => {
  const { clock } = dependencies;
  const stopping = new AbortController();
  app.addHook("preClose", async () => stopping.abort());
  let underWay = 0;

  const lastLineOf = (end: Ended, request: FastifyRequest): string =>
    "error" in end ? dependencies.mask(lineOf({ problem: problemOf(end.error, request, dependencies) })) : lineOf({ result: end.result });

  const linesOf = async function* (
    ended: Promise<Ended>,
    latest: () => Progress | undefined,
    request: FastifyRequest,
  ): AsyncGenerator<string> {
    let [reported, writtenMs] = [undefined as Progress | undefined, clock.elapsed()];
    for (;;) {
      const pause = new AbortController();
      const end = await Promise.race([ended, clock.sleep(reportEveryMs, pause.signal)]);
      pause.abort();
      if (end) {
        yield lastLineOf(end, request);
        return;
      }
      const progress = latest();
      if (progress !== reported && progress) yield lineOf({ progress });
      else if (clock.elapsed() - writtenMs >= beatEveryMs) yield "\n";
      else continue;
      [reported, writtenMs] = [progress, clock.elapsed()];
    }
  };

  return async (request, reply, work) => {
    if (underWay >= maxConcurrency) return answerProblem(reply, 503, "too much work that takes long is under way");
    underWay += 1;
    const follows = wantsLines(request);
    const left = new AbortController();
    if (follows) reply.raw.once("close", () => left.abort());
    let latest: Progress | undefined;
    const watch: Watch = {
      progress: (done, all) => {
        latest = { done, ...(all === undefined ? {} : { all }) };
      },
      signal: AbortSignal.any([left.signal, stopping.signal]),
    };
    const working = work(watch);
    const ended: Promise<Ended> = working
      .then(
        async (result) => {
          await dependencies.record(request, result);
          return { result };
        },
        (error: unknown) => ({ error }),
      )
      .finally(() => {
        underWay -= 1;
      });
    const pause = new AbortController();
    const soon = follows ? await Promise.race([ended, clock.sleep(soonMs, pause.signal)]) : await ended;
    pause.abort();
    if (!soon) return reply.type(progressType).send(Readable.from(linesOf(ended, () => latest, request)));
    return "error" in soon ? answerRefusal(reply, soon.error) : reply.send(soon.result);
  };
};
