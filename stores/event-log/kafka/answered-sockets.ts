import type { Socket } from "node:net";
import { type Clock, systemClock } from "../../clock.js";

/** How long a broker may leave a request unanswered before its connection counts as dead. */
export interface AnswerPolicy {
  readonly silenceMs: number;
  /** The same for JoinGroup and SyncGroup: brokers answer these only once all members have joined. */
  readonly joinSilenceMs: number;
}

/** A live broker answers within this time. A slow broker is asked again on a new connection, which is harmless. */
export const answerSilenceMs = 10_000;

const lookEveryMs = 1_000;
const [joinGroup, syncGroup] = [11, 14];
const apiKeyAt = 4; // after the request's size

const apiKeyOf = (written: unknown): number | undefined =>
  Buffer.isBuffer(written) && written.length >= apiKeyAt + 2 ? written.readInt16BE(apiKeyAt) : undefined;

/**
 * Calls `end` when a request on the socket stays unanswered for too long. When a peer vanishes without closing (a lost host, a firewall
 * that dropped the connection), the socket stays open indefinitely. Neither Kafka client closes it when requests time out.
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
    // a process that was suspended first reads the answers that arrived meanwhile
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
