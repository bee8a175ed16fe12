/** Answers any number of requests of one kind at once, in their order: one round trip to a store. */
export type AskMany<Request, Answer> = (requests: readonly Request[]) => Promise<readonly Answer[]>;

/** What one record asks of a store; the engine asks it together with what other records of the batch ask. */
export interface Question {
  readonly of: AskMany<never, unknown>;
  readonly request: unknown;
}

/** What a stage may wait for: a question, several at once, or a promise. */
export type Waiting = Question | readonly Question[] | Promise<unknown>;

/**
 * The work of a stage that waits for answers, written as a generator: `const claim = yield* ask(claims.claim, request)`.
 * Between answers it runs without a promise; a stage written as an async function has one for each `await` of each record.
 */
export type Asking<T> = Generator<Waiting, T, unknown>;

/** Asks one question. Throws what the store rejects with. */
export function* ask<Request, Answer>(of: AskMany<Request, Answer>, request: Request): Asking<Answer> {
  return (yield { of, request }) as Answer;
}

/** Asks two questions in one turn, and goes on when both are answered, whether or not one failed. */
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

/** The value of an answer. Throws why there is none. */
export const answered = <T>(answer: PromiseSettledResult<T>): T => {
  if (answer.status === "rejected") throw answer.reason;
  return answer.value;
};

/** Waits for what may be a promise. */
export function* wait<T>(work: T | Promise<T>): Asking<T> {
  return work instanceof Promise ? ((yield work) as T) : work;
}

/** Whether a stage's result is work that goes on. */
export const isAsking = (result: unknown): result is Asking<unknown> =>
  typeof result === "object" && result !== null && Symbol.iterator in result && "throw" in result;

/** Whatever a stage returned, as work. */
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

/** Does the work alone, each question in a round trip of its own: where no engine runs it, as beside a record, or in a test. */
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
