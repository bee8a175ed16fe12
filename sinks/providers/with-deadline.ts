import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Clock } from "../../stores/clock.js";

/** Ends every call at its deadline: a provider that does not answer leaves an ambiguous outcome, not a hanging worker. */
export const withDeadline = (provider: Provider, timeoutMs: number, clock: Clock): Provider => ({
  ...provider,
  send: async (command, context) => {
    const deadline = new AbortController();
    let cancel: () => void = () => undefined;
    const silence = new Promise<SendOutcome>((resolve) => {
      cancel = clock.after(timeoutMs, () => {
        deadline.abort();
        resolve({ kind: "ambiguous", reason: "provider_timeout", detail: `${provider.name} did not answer within ${timeoutMs} ms` });
      });
    });
    const call = provider.send(command, { ...context, signal: deadline.signal });
    call.catch(() => undefined); // after the deadline nobody listens to it
    try {
      return await Promise.race([call, silence]);
    } finally {
      cancel();
    }
  },
});
