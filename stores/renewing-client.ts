import { endedWithin, withinDeadline } from "./deadline.js";

export interface RenewingOptions<Client> {
  /** Name in rejections: "MongoDB". */
  readonly what: string;
  create(): Client;
  close(client: Client): Promise<unknown>;
  /** Whether an error indicates a problem with the client or its connections rather than with the call. */
  isOutage(error: unknown): boolean;
  /** Called when a new client has taken over. */
  readonly onRenewed?: (what: string) => void;
  readonly now?: () => number;
}

/** A client that is replaced after repeated failures, because a library's client can stay stuck until its process ends. */
export interface RenewingClient<Client> {
  /** Calls `call` with the current client. Rejects UNAVAILABLE when the call takes longer than `timeoutMs`. */
  use<T>(timeoutMs: number, call: (client: Client) => Promise<T>): Promise<T>;
  /** Closes the current client and the replaced ones. Idempotent. */
  close(): Promise<void>;
}

/** This many consecutive failures replace the client; a call that exceeds its timeout replaces it at once. */
const mostFailures = 3;
/** Minimum interval between new clients, for a server that is down. */
const renewEveryMs = 10_000;
/** Calls in flight on a replaced client get this long to end. */
const lingerMs = 10_000;
const closeMs = 5_000;

export const createRenewingClient = <Client>(options: RenewingOptions<Client>): RenewingClient<Client> => {
  const { what, create, close, isOutage, onRenewed, now = Date.now } = options;
  const lingering = new Map<NodeJS.Timeout, Client>();
  let client = create();
  let failures = 0;
  let renewedMs = Number.NEGATIVE_INFINITY;
  let closing: Promise<void> | undefined;

  const end = (old: Client): Promise<boolean> =>
    endedWithin(
      closeMs,
      Promise.resolve().then(() => close(old)),
    );
  const renew = (): void => {
    if (closing || now() - renewedMs < renewEveryMs) return;
    const old = client;
    const timer = setTimeout(() => {
      lingering.delete(timer);
      void end(old);
    }, lingerMs);
    timer.unref();
    lingering.set(timer, old);
    client = create();
    failures = 0;
    renewedMs = now();
    onRenewed?.(what);
  };
  const failed = (used: Client, error: unknown, hung: boolean): void => {
    if (used !== client || !(hung || isOutage(error))) return;
    failures += 1;
    if (hung || failures >= mostFailures) renew();
  };
  return {
    use: async (timeoutMs, call) => {
      const used = client;
      let ended = false;
      const work = Promise.resolve()
        .then(() => call(used))
        .finally(() => {
          ended = true;
        });
      try {
        const answer = await withinDeadline(what, timeoutMs, work);
        if (used === client) failures = 0;
        return answer;
      } catch (error) {
        failed(used, error, !ended);
        throw error;
      }
    },
    close: () => {
      closing ??= (async () => {
        const all = [client, ...lingering.values()];
        for (const timer of lingering.keys()) clearTimeout(timer);
        lingering.clear();
        await Promise.all(all.map(end));
      })();
      return closing;
    },
  };
};
