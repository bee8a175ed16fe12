/** Answers any number of requests of one kind together and in order, in one round trip to a store. */
export type AskMany<Request, Answer> = (requests: readonly Request[]) => Promise<readonly Answer[]>;

/** One record's request to a store. The engine sends it together with the requests of the batch's other records. */
export interface Question {
  readonly of: AskMany<never, unknown>;
  readonly request: unknown;
}

/** Anything that a stage may wait for: a question, several questions at once, or a promise. */
export type Waiting = Question | readonly Question[] | Promise<unknown>;

/**
 * The work of a stage that waits for answers, as a generator: `const claim = yield* ask(claims.claim, request)`.
 * It creates no promise between answers. A stage written as an async function creates one for each `await` of each record.
 */
export type Asking<T> = Generator<Waiting, T, unknown>;

/** Asks one question. Throws the store's rejection. */
export function* ask<Request, Answer>(of: AskMany<Request, Answer>, request: Request): Asking<Answer> {
  return (yield { of, request }) as Answer;
}

/** Asks two questions in one turn and continues once both are settled, even if one failed. */
export function* askBoth<R1, A1, R2, A2>(
  one: readonly [of: AskMany<R1, A1>, request: R1],
  other: readonly [of: AskMany<R2, A2>, request: R2],
): Asking<readonly [PromiseSettledResult<A1>, PromiseSettledResult<A2>]> {
  const questions = [
    { of: one[0], request: one[1] },
    { of: other[0], request: other[1] },
  ];
  return (yield questions) as [PromiseSettledResult<A1>, PromiseSettledResult<A2>];
}

/** Asks any number of questions of one kind in one turn. Throws the first failure. */
export function* askEach<Request, Answer>(of: AskMany<Request, Answer>, requests: readonly Request[]): Asking<readonly Answer[]> {
  if (requests.length === 0) return [];
  const answers = (yield requests.map((request) => ({ of, request }))) as readonly PromiseSettledResult<Answer>[];
  return answers.map(answered);
}

/** The value of an answer. Throws its rejection. */
export const answered = <T>(answer: PromiseSettledResult<T>): T => {
  if (answer.status === "rejected") throw answer.reason;
  return answer.value;
};

/** Waits for a value that may be a promise. */
export function* wait<T>(work: T | Promise<T>): Asking<T> {
  return work instanceof Promise ? ((yield work) as T) : work;
}

/** Whether a stage's result is work that has to be continued. */
export const isAsking = (result: unknown): result is Asking<unknown> =>
  typeof result === "object" && result !== null && Symbol.iterator in result && "throw" in result;

/** Converts any result of a stage to work. */
export function* workOf<T>(result: T | Promise<T> | Asking<T>): Asking<T> {
  return isAsking(result) ? ((yield* result) as T) : yield* wait(result as T | Promise<T>);
}

const answerTo = async ({ of, request }: Question): Promise<unknown> => {
  const [answer] = await of([request as never]);
  return answer;
};

const answersTo = (waiting: Waiting): Promise<unknown> => {
  if (waiting instanceof Promise) return waiting;
  return "of" in waiting ? answerTo(waiting) : Promise.allSettled(waiting.map(answerTo));
};

/** Runs the work alone, with a separate round trip for each question. For code outside the engine, such as detached calls and tests. */
export const drive = async <T>(work: Asking<T>): Promise<T> => {
  let turn = work.next();
  while (!turn.done) {
    try {
      turn = work.next(await answersTo(turn.value));
    } catch (error) {
      turn = work.throw(error);
    }
  }
  return turn.value;
};
