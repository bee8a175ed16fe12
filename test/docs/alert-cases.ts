/** Series in the notation of Prometheus's rule tests: `0x20` is 21 times zero, `0+10x20` grows by ten per sample. */
export type Series = Readonly<Record<string, string>>;

export interface AlertCase {
  /** Samples every 15 seconds that cause the alert, from the first one on. */
  readonly fires: Series;
  /** Latest time at which it must fire. */
  readonly within: string;
  /** Its labels in addition to its severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** The same metrics within bounds: a busy system. */
  readonly quiet: Series;
  /** The times at which that is checked. */
  readonly quietAt?: readonly string[];
}

const lag = (topic: string): string => `carillon_lag_seconds{topic="carillon.${topic}",group="g",instance="a"}`;
const topic = (name: string): Readonly<Record<string, string>> => ({ topic: `carillon.${name}` });

/** A topic whose oldest record grows older. `perSample`: increase in seconds per 15 seconds. */
const ageing = (name: string, { from = 0, within, bearable }: { from?: number; within: string; bearable: number }): AlertCase => ({
  fires: { [lag(name)]: `${from}+15x200` },
  within,
  labels: topic(name),
  quiet: { [lag(name)]: `${bearable}x200` },
});

const calls = (outcome: string): string => `carillon_provider_seconds_count{channel="sms",provider="p",outcome="${outcome}",instance="a"}`;
const refusals = (status: string): string => `carillon_callbacks_total{provider="p",status="${status}",instance="a"}`;
const stalled = 'carillon_queue_stalled_seconds{topic="carillon.requests.normal",group="g",instance="a"}';
const letters = (instance: string): string => `carillon_dead_letters_total{stage="validate",code="UNDECODABLE",instance="${instance}"}`;
const consumers = (kind: string): string => `carillon_consumers${kind}{queue="intake/requests.high",instance="a"}`;
const breaker = 'carillon_provider_breaker{channel="sms",provider="p",instance="a"}';
const retriedErrors = 'carillon_retried_errors_total{where="record.lineage",instance="a"}';

/** The cases that cause each alert. A new alert without a case fails. */
export const alertCases: Readonly<Record<string, readonly AlertCase[]>> = {
  CarillonCriticalLate: [ageing("dispatch.sms.critical", { within: "2m", bearable: 9 })],
  CarillonLaneLate: [
    ageing("dispatch.email.normal", { within: "11m", bearable: 290 }),
    ageing("requests.high", { within: "11m", bearable: 290 }),
  ],
  CarillonBulkLate: [ageing("dispatch.email.bulk", { from: 14_400, within: "6m", bearable: 10_000 })],
  CarillonReceiptsLate: [ageing("receipts.sms", { within: "7m", bearable: 290 })],
  CarillonFeedbackLate: [ageing("webhooks", { within: "7m", bearable: 290 }), ageing("feedback", { within: "7m", bearable: 290 })],
  CarillonLineageLate: [ageing("lineage", { within: "16m", bearable: 590 })],
  // every kind of queue has this alert; a queue that is stuck from the first sample on fires within five minutes
  CarillonQueueStuck: [
    {
      fires: { [stalled]: "0+15x200" },
      within: "5m",
      labels: { ...topic("requests.normal"), group: "g" },
      quiet: { [stalled]: "0 15 30 45 60 75 90 105 120 135 150 165 180 0 15 30 45 60 75 90 105 120 135 150 165 180 0x100" },
    },
  ],
  CarillonConsumersDown: [
    {
      fires: { [consumers("_configured")]: "4x40", [consumers("")]: "4 3x40" },
      within: "4m",
      labels: { queue: "intake/requests.high" },
      quiet: { [consumers("_configured")]: "4x40", [consumers("")]: "4 4 0 0 0 0 4x40" }, // a restart
    },
  ],
  CarillonProviderCircuitOpen: [
    {
      fires: { [breaker]: "2x60" },
      within: "3m",
      labels: { channel: "sms", provider: "p" },
      quiet: { [breaker]: "2 2 2 1 0 2 2 2 1 0x100" },
    },
  ],
  CarillonProviderFails: [
    {
      fires: { [calls("accepted")]: "0+80x100", [calls("temporary_failure")]: "0+20x100" },
      within: "15m",
      labels: { provider: "p" },
      quiet: { [calls("accepted")]: "0+80x100", [calls("temporary_failure")]: "0+2x100", [calls("permanent_failure")]: "0+50x100" },
    },
  ],
  CarillonDeadLetters: [
    // the first one of a process: the series appears with it
    {
      fires: { [letters("a")]: "_x9 1x100" },
      within: "3m",
      labels: { stage: "validate", code: "UNDECODABLE" },
      quiet: { [letters("a")]: "0x400" },
    },
    // one more in a process that had some
    {
      fires: { [letters("a")]: "4x9 5x100" },
      within: "3m",
      labels: { stage: "validate", code: "UNDECODABLE" },
      quiet: { [letters("a")]: "7x400" },
      quietAt: ["62m", "90m"],
    },
    // the first one of a process that has just started, next to one that had some
    {
      fires: { [letters("a")]: "4x300", [letters("b")]: "_x260 1x40" },
      within: "67m",
      labels: { stage: "validate", code: "UNDECODABLE" },
      quiet: { [letters("a")]: "4x400" },
      quietAt: ["62m", "90m"],
    },
  ],
  CarillonCallbacksRefused: [
    {
      // a provider that reports once a minute, after its token was changed
      fires: { [refusals("401")]: "0+0.25x100", [refusals("204")]: "50x100" },
      within: "12m",
      labels: { provider: "p" },
      quiet: { [refusals("204")]: "0+300x400", [refusals("401")]: "0+1x400" },
    },
  ],
  CarillonUnknownStates: [
    {
      fires: { 'carillon_unknown_states_total{provider="p",instance="a"}': "_x9 1x100" },
      within: "3m",
      labels: { provider: "p" },
      quiet: { 'carillon_unknown_states_total{provider="p",instance="a"}': "0x400" },
    },
  ],
  CarillonAuthenticationFailures: [
    {
      fires: { 'carillon_authentication_failures_total{kind="key",result="limited",instance="a"}': "0+10x100" },
      within: "8m",
      labels: { kind: "key" },
      quiet: {
        'carillon_authentication_failures_total{kind="key",result="refused",instance="a"}': "0+1x400",
        'carillon_authentication_failures_total{kind="missing",result="refused",instance="a"}': "0+50x400",
      },
    },
  ],
  CarillonTimersLate: [
    // timers do not fire, so no lateness is measured
    {
      fires: { 'carillon_timers_overdue_seconds{instance="a"}': "0+15x100" },
      within: "8m",
      labels: {},
      quiet: { 'carillon_timers_overdue_seconds{instance="a"}': "2x400" },
    },
    {
      fires: {
        'carillon_timer_lateness_seconds_bucket{by="sweeper",le="5",instance="a"}': "0+1x100",
        'carillon_timer_lateness_seconds_bucket{by="sweeper",le="60",instance="a"}': "0+10x100",
        'carillon_timer_lateness_seconds_bucket{by="sweeper",le="+Inf",instance="a"}': "0+10x100",
      },
      within: "5m",
      labels: {},
      quiet: {
        'carillon_timer_lateness_seconds_bucket{by="listener",le="0.05",instance="a"}': "0+10x400",
        'carillon_timer_lateness_seconds_bucket{by="listener",le="+Inf",instance="a"}': "0+10x400",
      },
    },
  ],
  // a batch that is repeated every ten seconds
  CarillonRetriedErrors: [
    {
      fires: { [retriedErrors]: "0+1.5x100" },
      within: "5m",
      labels: { where: "record.lineage" },
      quiet: { [retriedErrors]: "0 0 1 1 1 1 1 1 1 1 2 2x100" },
    },
  ],
  // one occurrence suffices
  CarillonRecordsDeleted: [
    {
      fires: { 'carillon_records_deleted_total{instance="a"}': "0x10 1x100" },
      within: "15m",
      labels: {},
      quiet: { 'carillon_records_deleted_total{instance="a"}': "3x100" },
    },
  ],
  CarillonDiskFull: [
    {
      fires: { 'carillon_disk_condition{folder="/data",instance="a"}': "1x60" },
      within: "2m",
      labels: { folder: "/data" },
      quiet: { 'carillon_disk_condition{folder="/data",instance="a"}': "0x60" },
    },
    {
      fires: { 'carillon_disk_condition{folder="/data",instance="a"}': "2x60" },
      within: "2m",
      labels: { folder: "/data" },
      quiet: { 'carillon_disk_condition{folder="/data",instance="a"}': "1 0 0 1 0 0x60" },
    },
  ],
  CarillonTenantsOutdated: [
    {
      fires: { 'carillon_tenants_age_seconds{instance="a"}': "2+15x60" },
      within: "6m",
      labels: {},
      quiet: { 'carillon_tenants_age_seconds{instance="a"}': "1 2 0 59 1 2x60" },
    },
  ],
  CarillonDown: [{ fires: {}, within: "5m", labels: {}, quiet: { 'carillon_lag_records{topic="t",group="g",instance="a"}': "0x400" } }],
};
