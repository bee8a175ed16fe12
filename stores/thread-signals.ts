import { BroadcastChannel } from "node:worker_threads";

/**
 * Signals between the threads of a process. Best effort, in the order of each sender, without history: a new subscriber misses earlier
 * signals. The publishing thread does not receive its own. Payloads are cloned (HTML Standard, structured clone).
 */
export interface ThreadSignals {
  publish(name: string, payload: unknown): void;
  /** Calls `heard` for each signal with that name from another thread. Returns a function that unsubscribes. */
  subscribe(name: string, heard: (payload: unknown) => void): () => void;
  close(): void;
}

interface Signal {
  readonly name: string;
  readonly payload: unknown;
}

/** The signals of one Carillon instance. `channel`: the same in all of its threads, and unique within the process. */
export const createThreadSignals = (channel: string): ThreadSignals => {
  const broadcast = new BroadcastChannel(channel);
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  broadcast.onmessage = (event): void => {
    const { name, payload } = (event as { readonly data: Signal }).data;
    for (const heard of listeners.get(name) ?? []) heard(payload);
  };
  broadcast.unref();
  let closed = false;
  return {
    publish: (name, payload) => {
      if (!closed) broadcast.postMessage({ name, payload } satisfies Signal);
    },
    subscribe: (name, heard) => {
      const own = listeners.get(name) ?? new Set();
      listeners.set(name, own.add(heard));
      return () => void own.delete(heard);
    },
    close: () => {
      closed = true;
      broadcast.close();
    },
  };
};
