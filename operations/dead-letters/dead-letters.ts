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

/** The settlement of a letter. */
export interface Settlement {
  readonly how: "redriven" | "discarded";
  /** ISO 8601. */
  readonly at: string;
  /** Why the letter was discarded. */
  readonly reason?: string;
}

export interface StoredDeadLetter {
  readonly letter: DeadLetter;
  /** Undefined while it is open. */
  readonly settled: Settlement | undefined;
}

/** Letters that meet all of these conditions. */
export interface LetterFilter {
  readonly state?: "pending" | Settlement["how"];
  readonly code?: string;
  readonly stage?: string;
  /** The topic without its prefix, or the start of it. */
  readonly topic?: string;
  /** When the record was given up, in milliseconds since 1970 UTC. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Part of the error message or of the id. */
  readonly text?: string;
}

export interface RedriveOptions {
  /** Letters per second; undefined: unlimited. */
  readonly perSecond?: number;
  readonly signal?: AbortSignal;
  onProgress?(done: number, all: number): void;
}

export interface DeadLetters {
  /** Oldest first. */
  list(filter: LetterFilter, limit: number): Promise<readonly StoredDeadLetter[]>;
  /**
   * Puts the original bytes back into their topic; each letter once, however often it is requested. Resolves with the number put back.
   * Records in the dead-letter topic that are not dead letters can only be discarded.
   */
  redrive(letters: readonly StoredDeadLetter[], options?: RedriveOptions): Promise<number>;
  /** Discards letters permanently: their messages, if known, end as cancelled. Resolves with the number discarded. */
  discard(letters: readonly StoredDeadLetter[], reason: string): Promise<number>;
}

export interface DeadLettersDependencies {
  readonly log: Pick<EventLog, "scan">;
  /** The writers that redrive and discard letters. */
  readonly writers: { readonly [How in Settlement["how"]]: Pick<Writer, "append"> };
  readonly claims: Pick<Claims, "decide" | "decideAll" | "decided">;
  readonly clock: Clock;
  readonly codec: Codec<DeadLetter>;
  readonly topic: string;
  /** Prefix of every topic's name, including its dot. */
  readonly prefix: string;
  readonly retentionMs: number;
  /** The records about a letter's message when the letter is settled; none if no message is known. */
  readonly tell: (letter: DeadLetter, settled: Settlement) => Promise<readonly OutgoingRecord[]>;
  /** Parses a unit from outside the topics again. Resolves true if it succeeded; undefined if the letter is not of that kind. */
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
      (state === undefined || state === (settled?.how ?? "pending")) &&
      (code === undefined || letter.errorCode === code) &&
      (stage === undefined || letter.stage === stage) &&
      (topic === undefined || member.startsWith(topic)) &&
      (sinceMs === undefined || letter.at >= sinceMs) &&
      (untilMs === undefined || letter.at < untilMs) &&
      (text === undefined || letter.errorMessage.includes(text) || letter.deadLetterId.includes(text))
    );
  };

const bite = 500;

/** Lists, redrives and discards dead letters. */
export const createDeadLetters = (dependencies: DeadLettersDependencies): DeadLetters => {
  const { log, writers, claims, clock, codec, topic, prefix, retentionMs, tell, reread } = dependencies;
  const backOf = ({ topic, key, value, headers, deadLetterId }: DeadLetter): OutgoingRecord => {
    // a record that was handed back for a later version may be handed back again
    const { [handedBackHeader]: _times, ...others } = headers;
    return { topic, key, value, headers: { ...others, [originHeader]: others[originHeader] ?? deadLetterId } };
  };
  /** A record that is not a dead letter is shown as a letter of this topic, so that it hides no others. */
  const read = async (record: LogRecord): Promise<DeadLetter> => {
    const read = await readRecord(record, codec);
    return read.error ? deadLetterOf(record, "dead-letters", read.error, "", record.timestampMs) : read.value;
  };
  const mark = (letter: DeadLetter, settled: Settlement): Promise<string> =>
    claims.decide(keys.claims.settled(letter.deadLetterId), JSON.stringify(settled), retentionMs);
  const waiting = (letters: readonly StoredDeadLetter[]): DeadLetter[] =>
    letters.filter(({ settled }) => settled === undefined).map(({ letter }) => letter);
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
      // a record that is unreadable here would only return here
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
