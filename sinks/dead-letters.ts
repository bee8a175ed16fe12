import type { Codec } from "../schemas/codec.js";
import type { DeadLetter } from "../schemas/generated.js";
import type { Claims } from "../stores/claims/claims.js";
import type { EventLog } from "../stores/event-log/event-log.js";
import { originHeader } from "../topology/runtime/origin.js";

export interface StoredDeadLetter {
  readonly letter: DeadLetter;
  /** When it was redriven, if it was. */
  readonly redrivenAt: string | undefined;
}

export interface DeadLetters {
  /** The oldest first. */
  list(limit: number): Promise<readonly StoredDeadLetter[]>;
  /** Puts the original bytes back where they were; each letter once, however often it is asked. Resolves how many were put back. */
  redrive(letters: readonly StoredDeadLetter[]): Promise<number>;
}

export interface DeadLettersDependencies {
  readonly log: Pick<EventLog, "scan" | "append">;
  readonly claims: Pick<Claims, "decide" | "decided">;
  readonly codec: Codec<DeadLetter>;
  readonly topic: string;
  readonly retentionMs: number;
  readonly now: () => number;
}

const markOf = (letter: DeadLetter): string => `redriven:${letter.deadLetterId}`;

/** What no stage could process, and how it goes back. */
export const createDeadLetters = ({ log, claims, codec, topic, retentionMs, now }: DeadLettersDependencies): DeadLetters => ({
  list: async (limit) => {
    const letters = await Promise.all((await log.scan(topic, limit)).map(async (record) => codec.decode(record.value)));
    const marks = await Promise.all(letters.map((letter) => claims.decided(markOf(letter))));
    return letters.map((letter, index) => ({ letter, redrivenAt: marks[index] }));
  },
  redrive: async (letters) => {
    const waiting = letters.filter(({ redrivenAt }) => redrivenAt === undefined).map(({ letter }) => letter);
    // append first, mark after: ended in between, a letter may go back twice, which the stages recognise, but never not at all
    await log.append(
      waiting.map((letter) => ({
        topic: letter.topic,
        key: letter.key,
        value: letter.value,
        headers: { ...letter.headers, [originHeader]: letter.headers[originHeader] ?? letter.deadLetterId },
      })),
    );
    const at = new Date(now()).toISOString();
    await Promise.all(waiting.map((letter) => claims.decide(markOf(letter), at, retentionMs)));
    return waiting.length;
  },
});
