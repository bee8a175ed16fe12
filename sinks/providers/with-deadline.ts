import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Clock } from "../../stores/clock.js";

/** A timer this late means that the whole process was stalled: suspended, paused by its host, or busy. */
const lateMs = 100;
const leastExtensionMs = 1_000;
const mostExtensions = 3;

/**
 * Calls `end` after the timeout. Timers run before arrived answers are read, so a deadline that comes late is extended by the measured stall:
 * by at most another timeout, and at most three times. Returns a function that cancels it.
 */
const startDeadline = (timeoutMs: number, clock: Clock, end: (stalled: boolean) => void): (() => void) => {
  let extensions = 0;
  const wait = (ms: number): (() => void) => {
    const dueMs = clock.elapsed() + ms;
    return clock.after(ms, () => {
      const stallMs = clock.elapsed() - dueMs;
      if (stallMs < lateMs || extensions === mostExtensions) {
        end(extensions > 0);
        return;
      }
      extensions += 1;
      cancel = wait(Math.min(timeoutMs, Math.max(stallMs, leastExtensionMs)));
    });
  };
  let cancel = wait(timeoutMs);
  return () => cancel();
};

/**
 * Ends every call at its deadline. A provider that does not answer then leaves an ambiguous outcome, not a blocked worker.
 * If the provider reports that it was still connecting, nothing was sent, and the failure is temporary.
 */
export const withDeadline = (provider: Provider, timeoutMs: number, clock: Clock): Provider => ({
  ...provider,
  send: async (command, context) => {
    const deadline = new AbortController();
    let connecting = false;
    const outcomeAtDeadline = (stalled: boolean): SendOutcome => ({
      ...(connecting
        ? {
            kind: "temporary_failure",
            reason: "provider_unavailable",
            detail: `${provider.name} took no connection within ${timeoutMs} ms; nothing was sent`,
          }
        : { kind: "ambiguous", reason: "provider_timeout", detail: `${provider.name} did not answer within ${timeoutMs} ms` }),
      ...(stalled ? { stalled: true } : {}),
    });
    let cancel: () => void = () => undefined;
    const silence = new Promise<SendOutcome>((resolve) => {
      cancel = startDeadline(timeoutMs, clock, (stalled) => {
        resolve(outcomeAtDeadline(stalled));
        deadline.abort();
      });
    });
    try {
      const call = provider.send(command, {
        ...context,
        signal: deadline.signal,
        progress: (state) => {
          connecting = state === "connecting";
        },
      });
      if (!(call instanceof Promise)) return call;
      call.catch(() => undefined); // after the deadline its result is ignored
      return await Promise.race([call, silence]);
    } finally {
      cancel();
    }
  },
});
