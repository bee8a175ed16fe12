import type { Writer } from "../../engine/outlet.js";
import { handedBackHeader } from "../../engine/runtime/hand-back.js";
import { originHeader } from "../../engine/runtime/origin.js";
import { CarillonError } from "../../schemas/errors.js";
import type { DeadLetter } from "../../schemas/generated.js";
import type { Claims } from "../../stores/claims/claims.js";
import type { Clock } from "../../stores/clock.js";
import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import { firstOfPages } from "../../stores/event-log/first-of-pages.js";
import { keys } from "../../stores/keys.js";
import {
  createLetterPages,
  type LetterFilter,
  type LetterPagesDependencies,
  type Settlement,
  type StoredDeadLetter,
} from "./letter-pages.js";

export interface RedriveOptions {
  /** Letters per second; undefined: unlimited. */
  readonly perSecond?: number;
  readonly signal?: AbortSignal;
  onProgress?(done: number): void;
}

/** Letters in pages of limited size. Each page is settled before the next one is read. */
export type LetterPages = AsyncIterable<readonly StoredDeadLetter[]> | Iterable<readonly StoredDeadLetter[]>;

export interface DeadLetters {
  /** All matching letters that are in the topic at the time of the call, oldest first. No page is empty. */
  pages(filter: LetterFilter): AsyncIterable<readonly StoredDeadLetter[]>;
  /** The first `limit` of these letters. */
  list(filter: LetterFilter, limit: number): Promise<readonly StoredDeadLetter[]>;
  /**
   * Puts the original bytes back into their topic; each letter once, however often it is requested. Resolves with the number put back.
   * Records in the dead-letter topic that are not dead letters can only be discarded.
   */
  redrive(pages: LetterPages, options?: RedriveOptions): Promise<number>;
  /** Discards letters permanently: their messages, if known, end as cancelled. Resolves with the number discarded. */
  discard(pages: LetterPages, reason: string): Promise<number>;
}

export interface DeadLettersDependencies extends LetterPagesDependencies {
  /** The writers that redrive and discard letters. */
  readonly writers: { readonly [How in Settlement["how"]]: Pick<Writer, "append"> };
  readonly claims: Pick<Claims, "decideAll" | "decidedAll">;
  readonly clock: Clock;
  readonly retentionMs: number;
  /** The records about a letter's message when the letter is settled; none if no message is known. */
  readonly tell: (letter: DeadLetter, settled: Settlement) => Promise<readonly OutgoingRecord[]>;
  /** Parses a unit from outside the topics again. Resolves true if it succeeded; undefined if the letter is not of that kind. */
  readonly reread: (letter: DeadLetter) => Promise<true> | undefined;
}

const bite = 500;
/** A letter may be in the topic twice: its writer may have repeated its append. */
const waiting = (letters: readonly StoredDeadLetter[]): DeadLetter[] => {
  const pending = letters.filter(({ settled }) => settled === undefined).map(({ letter }) => letter);
  return [...new Map(pending.map((letter) => [letter.deadLetterId, letter])).values()];
};

/** The pending letters, at most this many at once. */
const bitesOf = async function* (pages: LetterPages, size: number): AsyncGenerator<readonly DeadLetter[]> {
  for await (const page of pages) {
    const letters = waiting(page);
    for (let from = 0; from < letters.length; from += size) yield letters.slice(from, from + size);
  }
};

/** Lists, redrives and discards dead letters. */
export const createDeadLetters = (dependencies: DeadLettersDependencies): DeadLetters => {
  const { writers, claims, clock, topic, retentionMs, tell, reread } = dependencies;
  const backOf = ({ topic, key, value, headers, deadLetterId }: DeadLetter): OutgoingRecord => {
    // a record that was handed back for a later version may be handed back again
    const { [handedBackHeader]: _times, ...others } = headers;
    return { topic, key, value, headers: { ...others, [originHeader]: others[originHeader] ?? deadLetterId } };
  };
  const pages = createLetterPages(dependencies);
  const mark = (letters: readonly DeadLetter[], settled: Settlement): Promise<unknown> =>
    claims.decideAll(
      letters.map(({ deadLetterId }) => ({
        key: keys.claims.settled(deadLetterId),
        value: JSON.stringify(settled),
        ttlMs: retentionMs,
      })),
    );
  /**
   * Appends first and marks afterwards. After a crash in between, a letter may be put back twice, which the stages detect, but it is never
   * lost.
   */
  const putBack = async (letters: readonly DeadLetter[]): Promise<void> => {
    const settled: Settlement = { how: "redriven", at: new Date(clock.now()).toISOString() };
    const outputs = await Promise.all(
      letters.map(async (letter) => {
        const again = reread(letter);
        if (again) await again;
        return [...(again ? [] : [backOf(letter)]), ...(await tell(letter, settled))];
      }),
    );
    await writers.redriven.append(outputs.flat());
    await mark(letters, settled);
  };
  return {
    pages,
    list: (filter, limit) => firstOfPages(pages(filter), limit),
    redrive: async (found, { perSecond = Number.POSITIVE_INFINITY, signal, onProgress } = {}) => {
      const atOnce = Math.max(1, Math.min(bite, Math.floor(perSecond / 4)));
      let done = 0;
      let restMs = 0;
      for await (const some of bitesOf(found, atOnce)) {
        if (restMs > 0) await clock.sleep(restMs, signal);
        if (signal?.aborted) break;
        // a record that is unreadable here would only return here
        const letters = some.filter((letter) => letter.topic !== topic);
        await putBack(letters);
        done += letters.length;
        onProgress?.(done);
        restMs = (letters.length / perSecond) * 1_000;
      }
      return done;
    },
    discard: async (found, reason) => {
      if (reason.trim() === "") throw new CarillonError("INPUT_INVALID", "is missing", { field: "reason", fix: "give a reason" });
      const settled: Settlement = { how: "discarded", at: new Date(clock.now()).toISOString(), reason };
      let done = 0;
      for await (const some of bitesOf(found, bite)) {
        await writers.discarded.append((await Promise.all(some.map((letter) => tell(letter, settled)))).flat());
        await mark(some, settled);
        done += some.length;
      }
      return done;
    },
  };
};
