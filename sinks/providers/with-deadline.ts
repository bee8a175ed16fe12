import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Clock } from "../../stores/clock.js";
import { startDeadline } from "../../stores/start-deadline.js";

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
