import type { Socket } from "node:net";
import { type Clock, systemClock } from "../../clock.js";

/** How long a broker may owe an answer before its connection counts as dead. */
export interface AnswerPolicy {
  readonly silenceMs: number;
  /** The same for JoinGroup and SyncGroup, which brokers hold back until all members have come. */
  readonly joinSilenceMs: number;
}

/** A broker that is alive answers within this; a slow one is asked again on a new connection, which changes nothing. */
export const answerSilenceMs = 10_000;

const lookEveryMs = 1_000;
const [joinGroup, syncGroup] = [11, 14];
const apiKeyAt = 4; // after the request's size

const apiKeyOf = (written: unknown): number | undefined =>
  Buffer.isBuffer(written) && written.length >= apiKeyAt + 2 ? written.readInt16BE(apiKeyAt) : undefined;

/**
 * Calls `end` once a request on the socket has stayed without any answer for too long. A peer that is gone without a
 * word (a lost host, a firewall that forgot the connection) leaves the socket open for good, and neither Kafka client
 * closes it when requests time out.
 */
export const watchAnswers = (
  socket: Socket,
  { silenceMs, joinSilenceMs }: AnswerPolicy,
  end: () => void,
  clock: Clock = systemClock,
): void => {
  let deadlineMs = Number.POSITIVE_INFINITY;
  const write = socket.write.bind(socket) as (...given: readonly unknown[]) => boolean;
  socket.write = ((...given: readonly unknown[]) => {
    const apiKey = apiKeyOf(given[0]);
    const allowedMs = apiKey === joinGroup || apiKey === syncGroup ? joinSilenceMs : silenceMs;
    const wantedMs = clock.now() + allowedMs;
    deadlineMs = deadlineMs === Number.POSITIVE_INFINITY || apiKey === joinGroup || apiKey === syncGroup ? wantedMs : deadlineMs;
    return write(...given);
  }) as typeof socket.write;
  let lookedMs = clock.now();
  const look = (): void => {
    const nowMs = clock.now();
    // a process that was stopped reads first what has come meanwhile
    const slept = nowMs - lookedMs > 2 * lookEveryMs;
    lookedMs = nowMs;
    if (slept && deadlineMs !== Number.POSITIVE_INFINITY) deadlineMs = Math.max(deadlineMs, nowMs + 2 * lookEveryMs);
    cancel = clock.after(lookEveryMs, look);
    if (nowMs > deadlineMs) end();
  };
  let cancel = clock.after(lookEveryMs, look);
  socket.on("data", () => {
    deadlineMs = Number.POSITIVE_INFINITY;
  });
  socket.once("close", () => cancel());
};
