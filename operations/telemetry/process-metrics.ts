import { performance } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** How busy a thread is, and its own memory. */
const threadMetricsIn = (thread: string, registers: Registry[]) => ({
  threadActive: new Counter({
    name: "carillon_thread_active_seconds_total",
    help: "time that a thread's event loop was active, by thread of this process: a rate of 1 means that the thread is never idle",
    labelNames: ["thread"],
    registers,
    collect() {
      this.reset();
      this.inc({ thread }, Math.max(0, performance.eventLoopUtilization().active) / 1_000);
    },
  }),
  threadHeap: new Gauge({
    name: "carillon_thread_heap_bytes",
    help: "heap memory in use, by thread of this process",
    labelNames: ["thread"],
    registers,
    collect() {
      this.set({ thread }, getHeapStatistics().used_heap_size);
    },
  }),
});

/**
 * Every value of `carillon_nodejs_eventloop_lag_…` includes this interval, and docs/grafana.ts subtracts it. At the default of 10 ms,
 * sampling took half of an idle process's CPU time.
 */
const eventLoopSampleMs = 50;

/** Failed authentication, with all its series from the start, so that an increase shows from the first one on. */
const authenticationFailuresIn = (registers: Registry[]) => {
  const authenticationFailures = new Counter({
    name: "carillon_authentication_failures_total",
    help: "requests without a valid key, token, session, sign-in or callback authentication: refused with 401, or with 429 after too many from one address",
    labelNames: ["kind", "result"],
    registers,
  });
  for (const [kind, result] of [
    ["key", "refused"],
    ["key", "limited"],
    ["callback", "refused"],
    ["callback", "limited"],
    ["missing", "refused"],
    ["token", "refused"],
    ["oidc", "refused"],
    ["oidc", "limited"],
  ] as const)
    authenticationFailures.inc({ kind, result }, 0);
  return authenticationFailures;
};

const requestsLimitedIn = (registers: Registry[]) =>
  new Counter({
    name: "carillon_requests_limited_total",
    help: "requests refused with 429 because their tenant reached its rate of requests",
    registers,
  });

/** The records that a process handles, and the failures of its work. */
const recordMetricsIn = (registers: Registry[]) => ({
  stageSeconds: new Histogram({
    name: "carillon_stage_seconds",
    help: "processing time of a record in a stage",
    labelNames: ["stage"],
    buckets: [0.0005, 0.002, 0.01, 0.05, 0.2, 1, 5, 30],
    registers,
  }),
  stageErrors: new Counter({
    name: "carillon_stage_errors_total",
    help: "records that failed in a stage",
    labelNames: ["stage"],
    registers,
  }),
  deadLetters: new Counter({
    name: "carillon_dead_letters_total",
    help: "records that became dead letters",
    labelNames: ["stage", "code"],
    registers,
  }),
  handedBack: new Counter({
    name: "carillon_handed_back_total",
    help: "records put back into their topic for workers of a later version",
    labelNames: ["topic"],
    registers,
  }),
  timerLateness: new Histogram({
    name: "carillon_timer_lateness_seconds",
    help: "lateness of timers when they fired, by listener or sweeper",
    labelNames: ["by"],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 60],
    registers,
  }),
  // without labels: a series that starts at 1 would show no increase
  recordsDeleted: new Counter({
    name: "carillon_records_deleted_total",
    help: "number of times that records were deleted from a topic before Carillon read them",
    registers,
  }),
  retriedErrors: new Counter({
    name: "carillon_retried_errors_total",
    help: "failed batches that Carillon retries, and failed connections",
    labelNames: ["where"],
    registers,
  }),
});

/** The disk of the embedded store. */
const diskMetricsIn = (registers: Registry[]) => ({
  diskFree: new Gauge({
    name: "carillon_disk_free_bytes",
    help: "free bytes on the file system of the embedded store",
    labelNames: ["folder"],
    registers,
  }),
  diskReserve: new Gauge({
    name: "carillon_disk_reserve_bytes",
    help: "free bytes below which Carillon accepts no new messages",
    labelNames: ["folder"],
    registers,
  }),
  diskCondition: new Gauge({
    name: "carillon_disk_condition",
    help: "disk of the embedded store: 0 ok, 1 reserve reached and no new messages accepted, 2 full and all stages paused",
    labelNames: ["folder"],
    registers,
  }),
});

/** The tenants that a process keeps in memory. Only its main thread sets them. */
const tenantMetricsIn = (registers: Registry[]) => ({
  tenants: new Gauge({
    name: "carillon_tenants",
    help: "tenants that this process knows",
    registers,
  }),
  tenantsAge: new Gauge({
    name: "carillon_tenants_age_seconds",
    help: "time since this process last knew its tenants to be current: it reads them every 2 seconds, and uses them for at most 900",
    registers,
  }),
});

/** The consumers of each queue. */
const consumerMetricsIn = (registers: Registry[]) => ({
  consumers: new Gauge({
    name: "carillon_consumers",
    help: "live consumers of a queue in this process: members of their group with recent heartbeats",
    labelNames: ["queue"],
    registers,
  }),
  consumersConfigured: new Gauge({
    name: "carillon_consumers_configured",
    help: "consumers of a queue that this process is configured to run",
    labelNames: ["queue"],
    registers,
  }),
});

/** Queued records and overdue timers. */
const backlogMetricsIn = (registers: Registry[]) => ({
  lag: new Gauge({
    name: "carillon_lag_records",
    help: "queued records of a topic that its group has not processed",
    labelNames: ["group", "topic"],
    registers,
  }),
  lagSeconds: new Gauge({
    name: "carillon_lag_seconds",
    help: "age of the oldest queued record of a topic",
    labelNames: ["group", "topic"],
    registers,
  }),
  queueStalled: new Gauge({
    name: "carillon_queue_stalled_seconds",
    help: "longest time that a partition of a topic has held records without a commit by its group",
    labelNames: ["group", "topic"],
    registers,
  }),
  timersOverdue: new Gauge({
    name: "carillon_timers_overdue_seconds",
    help: "how long the oldest due timer has been overdue",
    registers,
  }),
  partitionLag: new Gauge({
    name: "carillon_partition_lag_records",
    help: "queued records of a partition, for partitions with queued records",
    labelNames: ["group", "topic", "partition"],
    registers,
  }),
  partitionLagSeconds: new Gauge({
    name: "carillon_partition_lag_seconds",
    help: "age of the oldest queued record of a partition, for partitions with queued records",
    labelNames: ["group", "topic", "partition"],
    registers,
  }),
});

/** The metrics of any process, in a separate registry. */
export const createProcessMetrics = () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "carillon_", eventLoopMonitoringPrecision: eventLoopSampleMs });
  // gauges with names of counters; carillon_nodejs_active_handles, _requests and _resources have the same values by type
  for (const kind of ["handles", "requests", "resources"]) registry.removeSingleMetric(`carillon_nodejs_active_${kind}_total`);
  return metricsIn(registry, "main");
};

/** The metrics of a secondary thread, which are added to those of its process. */
export const createThreadMetrics = (thread: string): ProcessMetrics => metricsIn(new Registry(), thread);

const metricsIn = (registry: Registry, thread: string) => {
  const registers = [registry];
  // the order of creation is the order of a scrape
  const authenticationFailures = authenticationFailuresIn(registers);
  return {
    registry,
    ...threadMetricsIn(thread, registers),
    ...recordMetricsIn(registers),
    authenticationFailures,
    requestsLimited: requestsLimitedIn(registers),
    ...diskMetricsIn(registers),
    ...tenantMetricsIn(registers),
    ...consumerMetricsIn(registers),
    ...backlogMetricsIn(registers),
  };
};

export type ProcessMetrics = ReturnType<typeof metricsIn>;
export type MetricsRegistry = ProcessMetrics["registry"];
