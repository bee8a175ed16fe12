import type { Provider, SendOutcome } from "../../processors/provider.js";

/** Ends every call at its deadline: a provider that does not answer leaves an ambiguous outcome, not a hanging worker. */
export const withDeadline = (provider: Provider, timeoutMs: number): Provider => ({
  ...provider,
  send: async (command, context) => {
    const deadline = new AbortController();
    let expiry: NodeJS.Timeout | undefined;
    const silence = new Promise<SendOutcome>((resolve) => {
      expiry = setTimeout(() => {
        deadline.abort();
        resolve({ kind: "ambiguous", reason: "provider_timeout", detail: `${provider.name} did not answer within ${timeoutMs} ms` });
      }, timeoutMs);
    });
    const call = provider.send(command, { ...context, signal: deadline.signal });
    call.catch(() => undefined); // after the deadline nobody listens to it
    try {
      return await Promise.race([call, silence]);
    } finally {
      clearTimeout(expiry);
    }
  },
});
