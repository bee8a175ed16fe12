import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Channel } from "../../schemas/generated.js";
import type { Providers } from "../../sinks/providers/providers.js";

/** The phases of the unhealthy provider, in order. */
export interface Phase {
  readonly name: "well" | "slow" | "failing" | "well again";
  readonly forMs: number;
}

/** The phase of a time in epoch milliseconds. */
export type PhaseAt = (atMs: number) => Phase["name"];

export const phaseFrom =
  (begin: number, phases: readonly Phase[]): PhaseAt =>
  (atMs) => {
    let end = begin;
    for (const { name, forMs } of phases) {
      end += forMs;
      if (atMs < end) return name;
    }
    return "well again";
  };

export interface SlowAnswers {
  /** How long the slow provider takes to answer. It accepts the message although the call has timed out. */
  readonly slowMs: number;
  readonly sendTimeoutMs: number;
}

/** One accepted call. */
export interface Taken {
  readonly messageId: string;
  readonly by: string;
  readonly stream: string;
  readonly atMs: number;
}

type Note = (by: string, stream: string, messageId: string) => void;

/** A stream's name in the chart. */
const lineOf = (tenant: string, provider: string): string =>
  tenant === "alone"
    ? "SMS, no second: by the unhealthy provider"
    : `SMS, with a second: by ${provider === "ill" ? "the unhealthy provider" : "the second"}`;

const delivered: SendOutcome = { kind: "delivered", providerMessageId: null };

const wellProvider = (note: Note, name: string, channel: Channel): Provider => ({
  name,
  channel,
  send: async ({ messageId, tenant }) => {
    note(name, channel === "sms" ? lineOf(tenant, name) : channel, messageId);
    return delivered;
  },
  healthCheck: async () => name,
  close: async () => undefined,
});

const unhealthyProvider = (note: Note, phaseAt: PhaseAt, { slowMs, sendTimeoutMs }: SlowAnswers): Provider => ({
  ...wellProvider(note, "ill", "sms"),
  send: async ({ messageId, tenant }, { signal }) => {
    const phase = phaseAt(Date.now());
    if (phase === "failing") return { kind: "temporary_failure", reason: "provider_unavailable", detail: "503 of the benchmark" };
    const take = (): void => note("ill", lineOf(tenant, "ill"), messageId);
    if (phase === "slow") {
      setTimeout(take, slowMs).unref();
      return new Promise((resolve) => {
        const timeout = (): void =>
          resolve({ kind: "ambiguous", reason: "provider_timeout", detail: `no answer within ${sendTimeoutMs} ms` });
        setTimeout(timeout, Math.min(slowMs, sendTimeoutMs)).unref();
        signal?.addEventListener("abort", timeout, { once: true });
      });
    }
    take();
    return delivered;
  },
});

/** A healthy provider for each channel, and an SMS provider that passes through the phases. They append the calls that they accept. */
export const phasedProviders = (taken: Taken[], phaseAt: PhaseAt, slow: SlowAnswers): Pick<Providers, "email" | "push" | "sms"> => {
  const note: Note = (by, stream, messageId) => {
    taken.push({ messageId, by, stream, atMs: Date.now() });
  };
  return {
    email: [wellProvider(note, "smtp", "email")],
    push: [wellProvider(note, "sandbox", "push")],
    sms: [unhealthyProvider(note, phaseAt, slow), wellProvider(note, "second", "sms")],
  };
};
