import type { RedisClient } from "./redis-client.js";

/** A write, by its ioredis command name. */
export type Write = (command: "evalshaBuffer" | "evalBuffer" | "set", ...args: readonly (string | number | Buffer)[]) => Promise<unknown>;

type Commands = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

/** How long a write waits for its replicas, in milliseconds. */
const waitMs = 100;
/** After replicas were missing, writes do not wait for them for this long. */
const patienceMs = 5_000;

/**
 * Writes that each count once `replicas` replicas have them, because a master that fails loses writes it has not replicated. A write shares
 * a pipeline with its WAIT, so that both are resent if the connection breaks between them. Missing replicas delay no writes: they are
 * reported, and writes go on without them for a while.
 */
export const createWrites = (client: RedisClient, replicas: number, onError: (error: unknown) => void, now = Date.now): Write => {
  let withoutUntilMs = 0;
  return async (command, ...args) => {
    if (replicas === 0 || now() < withoutUntilMs) return (client as unknown as Commands)[command]?.apply(client, [...args]);
    const pipeline = client.pipeline();
    (pipeline as unknown as Commands)[command]?.apply(pipeline, [...args]);
    pipeline.wait(replicas, waitMs);
    const [written, waited] = (await pipeline.exec()) ?? [];
    if (written?.[0]) throw written[0];
    if (waited?.[0]) throw waited[0];
    const count = Number(waited?.[1] ?? 0);
    if (count < replicas) {
      withoutUntilMs = now() + patienceMs;
      onError(new Error(`only ${count} of ${replicas} replicas confirmed a write: it may be lost if the master fails`));
    }
    return written?.[1];
  };
};
