import { type PanelOptions, rate, selected } from "./panel.js";

/** Records that could not be processed, and work that Carillon repeats. */
export const errorPanels: readonly PanelOptions[] = [
  {
    title: "Dead letters",
    doc: "New dead letters within an hour, by stage and error code. Look at each one, then redrive or discard it.",
    unit: "short",
    queries: [{ expr: `sum by (stage, code) (increase(carillon_dead_letters_total${selected}[1h]))`, legend: "{{stage}} {{code}}" }],
  },
  {
    title: "Stage errors",
    doc: "Records per second that a stage could not process.",
    unit: "ops",
    queries: [{ expr: `sum by (stage) (${rate("carillon_stage_errors_total")})`, legend: "{{stage}}" }],
  },
  {
    title: "Retries by place",
    doc: "Failures per second that Carillon retries, by place: servers that do not answer, and batches that are processed again.",
    unit: "ops",
    queries: [{ expr: `sum by (where) (${rate("carillon_retried_errors_total")})`, legend: "{{where}}" }],
  },
  {
    title: "Records for a later version",
    doc: "Records within an hour that were put back for workers of a later version, by topic. A rolling upgrade causes them.",
    unit: "short",
    queries: [{ expr: `sum by (topic) (increase(carillon_handed_back_total${selected}[1h]))`, legend: "{{topic}}" }],
  },
  {
    title: "Timer lateness (p99)",
    doc: "How late timers fire, 99th percentile, by listener and sweeper. If the sweeper fires all timers, no expiry events arrive.",
    unit: "s",
    queries: [{ expr: `histogram_quantile(0.99, sum by (by, le) (${rate("carillon_timer_lateness_seconds_bucket")}))`, legend: "{{by}}" }],
  },
];

/** Memory and CPU of the processes and their threads. */
export const processPanels: readonly PanelOptions[] = [
  {
    title: "Tenants",
    doc: "Tenants that the processes know.",
    unit: "short",
    queries: [{ expr: `max(carillon_tenants${selected})`, legend: "tenants" }],
  },
  {
    title: "Age of tenants",
    doc: "Time since each process last knew its tenants to be current. It reads them every 2 seconds.",
    unit: "s",
    queries: [{ expr: `carillon_tenants_age_seconds${selected}`, legend: "{{instance}}" }],
  },
  {
    title: "Memory",
    doc: "Resident memory of each process.",
    unit: "bytes",
    queries: [{ expr: `carillon_process_resident_memory_bytes${selected}`, legend: "{{instance}}" }],
  },
  {
    title: "Event loop delay (p99)",
    doc: "How late the event loop of a process runs its tasks, 99th percentile.",
    unit: "s",
    // the metric includes the interval of its samples: operations/telemetry/process-metrics.ts
    queries: [{ expr: `clamp_min(carillon_nodejs_eventloop_lag_p99_seconds${selected} - 0.05, 0)`, legend: "{{instance}}" }],
  },
  {
    title: "Thread utilization",
    doc: "Share of time in which the event loop of a thread was active. A thread that stays near 100% is the limit of its lanes.",
    unit: "percentunit",
    queries: [{ expr: rate("carillon_thread_active_seconds_total"), legend: "{{instance}} {{thread}}" }],
  },
  {
    title: "Heap by thread",
    doc: "Memory of the objects of each thread.",
    unit: "bytes",
    queries: [{ expr: `carillon_thread_heap_bytes${selected}`, legend: "{{instance}} {{thread}}" }],
  },
];
