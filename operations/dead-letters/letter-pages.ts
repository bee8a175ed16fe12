import { deadLetterOf } from "../../engine/runtime/dead-letters.js";
import { readRecord } from "../../engine/runtime/read-record.js";
import type { Codec } from "../../schemas/codec.js";
import type { DeadLetter } from "../../schemas/generated.js";
import type { Claims } from "../../stores/claims/claims.js";
import type { EventLog, LogRecord } from "../../stores/event-log/event-log.js";
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
  readonly ids?: readonly string[];
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

export interface LetterPagesDependencies {
  readonly log: Pick<EventLog, "pages">;
  readonly claims: Pick<Claims, "decidedAll">;
  readonly codec: Codec<DeadLetter>;
  readonly topic: string;
  /** Prefix of every topic's name, including its dot. */
  readonly prefix: string;
}

const settlementOf = (mark: string | undefined): Settlement | undefined =>
  mark === undefined ? undefined : (JSON.parse(mark) as Settlement);

/** Whether a letter meets all conditions but that on its state. */
const matches =
  (filter: LetterFilter, prefix: string) =>
  (letter: DeadLetter): boolean => {
    const { ids, code, stage, topic, sinceMs, untilMs, text } = filter;
    const member = letter.topic.startsWith(prefix) ? letter.topic.slice(prefix.length) : letter.topic;
    return (
      (ids === undefined || ids.includes(letter.deadLetterId)) &&
      (code === undefined || letter.errorCode === code) &&
      (stage === undefined || letter.stage === stage) &&
      (topic === undefined || member.startsWith(topic)) &&
      (sinceMs === undefined || letter.at >= sinceMs) &&
      (untilMs === undefined || letter.at < untilMs) &&
      (text === undefined || letter.errorMessage.includes(text) || letter.deadLetterId.includes(text))
    );
  };

/** By how much the log's clock may be behind the clock of a letter's writer. */
const clocksDifferMs = 3_600_000;

/** Returns a function that gives all matching letters of the topic, page by page. */
export const createLetterPages = ({
  log,
  claims,
  codec,
  topic,
  prefix,
}: LetterPagesDependencies): ((filter: LetterFilter) => AsyncGenerator<readonly StoredDeadLetter[]>) => {
  /** A record that is not a dead letter is shown as a letter of this topic, so that it hides no others. */
  const read = async (record: LogRecord): Promise<DeadLetter> => {
    const read = await readRecord(record, codec);
    return read.error ? deadLetterOf(record, "dead-letters", read.error, "", record.timestampMs) : read.value;
  };
  const withSettlements = async (letters: readonly DeadLetter[]): Promise<StoredDeadLetter[]> => {
    const marks = await claims.decidedAll(letters.map(({ deadLetterId }) => keys.claims.settled(deadLetterId)));
    return letters.map((letter, index) => ({ letter, settled: settlementOf(marks[index]) }));
  };
  return async function* (filter) {
    const { state, ids, sinceMs } = filter;
    const missing = new Set(ids);
    for await (const records of log.pages(topic, sinceMs && Math.max(0, sinceMs - clocksDifferMs))) {
      const letters = (await Promise.all(records.map(read))).filter(matches(filter, prefix));
      const stored = (await withSettlements(letters)).filter(({ settled }) => state === undefined || state === (settled?.how ?? "pending"));
      if (stored.length > 0) yield stored.sort((one, other) => one.letter.at - other.letter.at);
      for (const { deadLetterId } of letters) missing.delete(deadLetterId);
      if (ids && missing.size === 0) return;
    }
  };
};
