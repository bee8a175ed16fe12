import type { Writer } from "../../engine/outlet.js";
import { deadLetterOf } from "../../engine/runtime/dead-letters.js";
import { handedBackHeader } from "../../engine/runtime/hand-back.js";
import { originHeader } from "../../engine/runtime/origin.js";
import { readRecord } from "../../engine/runtime/read-record.js";
import type { Codec } from "../../schemas/codec.js";
import { CarillonError } from "../../schemas/errors.js";
import type { DeadLetter } from "../../schemas/generated.js";
import type { Claims } from "../../stores/claims/claims.js";
import type { Clock } from "../../stores/clock.js";
import type { EventLog, LogRecord, OutgoingRecord } from "../../stores/event-log/event-log.js";
import { keys } from "../../stores/keys.js";

/** What was done with a letter. */
export interface Settlement {
  readonly how: "redriven" | "discarded";
  /** ISO 8601. */
  readonly at: string;
  /** Why it was discarded. */
  readonly reason?: string;
}

export interface StoredDeadLetter {
  readonly letter: DeadLetter;
  /** Undefined while it waits. */
  readonly settled: Settlement | undefined;
}

/** Letters that are all of these. */
export interface LetterFilter {
  readonly state?: "waits" | Settlement["how"];
  readonly code?: string;
  readonly stage?: string;
  /** The topic without its prefix, or its beginning. */
  readonly topic?: string;
  /** Milliseconds since 1970 UTC, of when it was given up. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Part of the error's words or of the id. */
  readonly text?: string;
}

export interface RedriveOptions {
  /** Letters a second; undefined: as fast as can be. */
  readonly perSecond?: number;
  readonly signal?: AbortSignal;
  onProgress?(done: number, all: number): void;
}

export interface DeadLetters {
  /** The oldest first. */
  list(filter: LetterFilter, limit: number): Promise<readonly StoredDeadLetter[]>;
  /**
   * Puts the original bytes back where they were; each letter once, however often it is asked. Resolves how many were put back:
   * records of the topic of dead letters that are none can only be discarded.
   */
  redrive(letters: readonly StoredDeadLetter[], options?: RedriveOptions): Promise<number>;
  /** Gives letters up for good: what is known of their messages ends as cancelled. Resolves how many were discarded. */
  discard(letters: readonly StoredDeadLetter[], reason: string): Promise<number>;
}

export interface DeadLettersDependencies {
  readonly log: Pick<EventLog, "scan">;
  /** Who puts letters back, and who gives them up. */
  readonly writers: { readonly [How in Settlement["how"]]: Pick<Writer, "append"> };
  readonly claims: Pick<Claims, "decide" | "decideAll" | "decided">;
  readonly clock: Clock;
  readonly codec: Codec<DeadLetter>;
  readonly topic: string;
  /** First part of every topic's name, with its dot. */
  readonly prefix: string;
  readonly retentionMs: number;
  /** What is told of a letter's message when it is settled; nothing where no message is known. */
  readonly tell: (letter: DeadLetter, settled: Settlement) => Promise<readonly OutgoingRecord[]>;
  /** Puts back what came from elsewhere than a topic: resolves true when it did, undefined when it is not of that kind. */
  readonly reread: (letter: DeadLetter) => Promise<true> | undefined;
}

const settlementOf = (mark: string | undefined): Settlement | undefined =>
  mark === undefined ? undefined : (JSON.parse(mark) as Settlement);

const matches =
  (filter: LetterFilter, prefix: string) =>
  ({ letter, settled }: StoredDeadLetter): boolean => {
    const { state, code, stage, topic, sinceMs, untilMs, text } = filter;
    const member = letter.topic.startsWith(prefix) ? letter.topic.slice(prefix.length) : letter.topic;
    return (
      (state === undefined || state === (settled?.how ?? "waits")) &&
      (code === undefined || letter.errorCode === code) &&
      (stage === undefined || letter.stage === stage) &&
      (topic === undefined || member.startsWith(topic)) &&
      (sinceMs === undefined || letter.at >= sinceMs) &&
      (untilMs === undefined || letter.at < untilMs) &&
      (text === undefined || letter.errorMessage.includes(text) || letter.deadLetterId.includes(text))
    );
  };

const bite = 500;

/** What no stage could process, and how it goes back or is given up. */
export const createDeadLetters = (dependencies: DeadLettersDependencies): DeadLetters => {
  const { log, writers, claims, clock, codec, topic, prefix, retentionMs, tell, reread } = dependencies;
  const backOf = ({ topic, key, value, headers, deadLetterId }: DeadLetter): OutgoingRecord => {
    // one that was handed back for a later version may go round once more
    const { [handedBackHeader]: _times, ...others } = headers;
    return { topic, key, value, headers: { ...others, [originHeader]: others[originHeader] ?? deadLetterId } };
  };
  /** A record that is no dead letter is shown as one of this topic, so that it hides none of the others. */
  const read = async (record: LogRecord): Promise<DeadLetter> => {
    const read = await readRecord(record, codec);
    return read.error ? deadLetterOf(record, "dead-letters", read.error, "", record.timestampMs) : read.value;
  };
  const mark = (letter: DeadLetter, settled: Settlement): Promise<string> =>
    claims.decide(keys.claims.settled(letter.deadLetterId), JSON.stringify(settled), retentionMs);
  const waiting = (letters: readonly StoredDeadLetter[]): DeadLetter[] =>
    letters.filter(({ settled }) => settled === undefined).map(({ letter }) => letter);
  /** Append first, mark after: ended in between, a letter may go back twice, which the stages recognise, but never not at all. */
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
    await Promise.all(letters.map((letter) => mark(letter, settled)));
  };
  return {
    list: async (filter, limit) => {
      const letters = await Promise.all((await log.scan(topic, limit)).map(read));
      const marks = await Promise.all(letters.map((letter) => claims.decided(keys.claims.settled(letter.deadLetterId))));
      return letters
        .map((letter, index): StoredDeadLetter => ({ letter, settled: settlementOf(marks[index]) }))
        .filter(matches(filter, prefix))
        .sort((one, other) => one.letter.at - other.letter.at);
    },
    redrive: async (letters, { perSecond, signal, onProgress } = {}) => {
      // what cannot be read here would be here again
      const all = waiting(letters).filter((letter) => letter.topic !== topic);
      const atOnce = perSecond === undefined ? bite : Math.max(1, Math.min(bite, Math.floor(perSecond / 4)));
      let done = 0;
      while (done < all.length && !signal?.aborted) {
        const some = all.slice(done, done + atOnce);
        await putBack(some);
        done += some.length;
        onProgress?.(done, all.length);
        if (perSecond !== undefined && done < all.length) await clock.sleep((some.length / perSecond) * 1_000, signal);
      }
      return done;
    },
    discard: async (letters, reason) => {
      if (reason.trim() === "") throw new CarillonError("INPUT_INVALID", "is missing", { field: "reason", fix: "give a reason" });
      const settled: Settlement = { how: "discarded", at: new Date(clock.now()).toISOString(), reason };
      const all = waiting(letters);
      for (let from = 0; from < all.length; from += bite) {
        const some = all.slice(from, from + bite);
        await writers.discarded.append((await Promise.all(some.map((letter) => tell(letter, settled)))).flat());
        await Promise.all(some.map((letter) => mark(letter, settled)));
      }
      return all.length;
    },
  };
};
