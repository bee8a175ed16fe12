import { setTimeout as sleep } from "node:timers/promises";

/** Resolves with the first answer that `accept` accepts. Rejects with the last one past the deadline. */
export const eventually = async <T>(
  ask: () => Promise<T> | T,
  accept: (answer: T) => boolean,
  timeoutMs = 15_000,
  everyMs = 25,
): Promise<T> => {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (accept(answer)) return answer;
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms; the last answer was ${JSON.stringify(answer)?.slice(0, 2_000)}`);
    await sleep(everyMs);
  }
};

/** Resolves with the answer once it has been the same for `forMs`. Rejects with the last one past the deadline. */
export const steady = async <T extends number | string>(ask: () => Promise<T> | T, forMs: number, timeoutMs = 60_000): Promise<T> => {
  let [last, sinceMs] = [await ask(), Date.now()];
  const look = async (): Promise<T> => {
    const answer = await ask();
    if (answer !== last) [last, sinceMs] = [answer, Date.now()];
    return answer;
  };
  return eventually(look, () => Date.now() - sinceMs >= forMs, timeoutMs);
};
