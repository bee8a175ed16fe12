import type { Config } from "../config/schema.js";
import type { Channel } from "../schemas/generated.js";
import { channels } from "../schemas/vocabulary.js";
import type { BreakerState } from "../sinks/routing/breaker.js";
import { type HealthSnapshots, readHealth } from "../sinks/routing/health-exchange.js";
import type { HealthSnapshot } from "../sinks/routing/provider-health.js";
import { providersOf } from "../sinks/routing/routing-policy.js";
import type { Cells } from "../stores/cells/cells.js";

/** A provider's health over all processes. */
export interface ProviderHealthView {
  readonly breaker: BreakerState;
  /** Fraction of its weight that it keeps, 0.1 to 1. */
  readonly share: number;
  readonly calls: number;
  readonly failures: number;
  readonly inFlight: number;
  readonly receiptP90Ms: number;
  readonly responseP50Ms: number;
  readonly responseP95Ms: number;
}

export interface ProviderState {
  readonly channel: Channel;
  readonly name: string;
  readonly type: string;
  /** Null if it was not used recently. */
  readonly health: ProviderHealthView | null;
}

const worst = ["open", "half_open", "closed"] as const;

/** Combines all processes' health of one provider. */
const together = (reports: readonly HealthSnapshot[]): ProviderHealthView => {
  const sum = (of: (report: HealthSnapshot) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const most = (of: (report: HealthSnapshot) => number | null): number => Math.max(...reports.map((report) => of(report) ?? 0));
  return {
    calls: sum(({ calls }) => calls),
    failures: sum(({ failures }) => failures),
    inFlight: sum(({ inFlight }) => inFlight),
    breaker: worst.find((state) => reports.some(({ breaker }) => breaker === state)) ?? "closed",
    share: Math.min(...reports.map(({ share }) => share)),
    receiptP90Ms: most(({ receiptP90Ms }) => receiptP90Ms),
    responseP50Ms: most(({ responseP50Ms }) => responseP50Ms),
    responseP95Ms: most(({ responseP95Ms }) => responseP95Ms),
  };
};

/** This process's own health, which is newer than its last publication. */
export interface OwnHealth {
  readonly instance: string;
  readonly reports: HealthSnapshots;
}

/** Every configured provider, and its state. */
export const providerStates = async (config: Config, cells: Pick<Cells, "all">, own?: OwnHealth): Promise<ProviderState[]> => {
  const byInstance = new Map(await readHealth(cells));
  if (own) byInstance.set(own.instance, own.reports);
  const byProcess = [...byInstance.values()];
  return channels.flatMap((channel) =>
    providersOf(config.channels[channel]).map((name) => {
      const reports = byProcess.flatMap((one) => one[`${channel}/${name}`] ?? []);
      return { channel, name, type: config.providers[name]?.type ?? "", health: reports.length > 0 ? together(reports) : null };
    }),
  );
};
