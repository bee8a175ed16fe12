import { type PanelOptions, rate } from "./panel.js";

/** Messages over HTTP, and records through the stages. */
export const messagePanels: readonly PanelOptions[] = [
  {
    title: "Accepted over HTTP",
    doc: "Messages per second that Carillon accepts over HTTP, by lane. Messages that arrive through Kafka appear in Throughput by stage.",
    unit: "ops",
    queries: [{ expr: `sum by (lane) (${rate("carillon_accepted_total")})`, legend: "{{lane}}" }],
  },
  {
    title: "Refused over HTTP",
    doc: "Messages per second that Carillon refuses over HTTP, by reason, and requests beyond the rate of their tenant. The sender has to correct these requests, or send fewer.",
    unit: "ops",
    queries: [
      { expr: `sum by (reason) (${rate("carillon_refused_total")})`, legend: "{{reason}}" },
      { expr: `sum(${rate("carillon_requests_limited_total")})`, legend: "requests beyond a rate" },
    ],
  },
  {
    title: "Failed authentications",
    doc: "Failed authentications per second, of keys, sessions and callbacks. A rise means that someone guesses keys, or that a secret changed on one side only.",
    unit: "ops",
    queries: [{ expr: `sum by (kind, result) (${rate("carillon_authentication_failures_total")})`, legend: "{{kind}} {{result}}" }],
  },
  {
    title: "Throughput by stage",
    doc: "Records per second that pass each stage.",
    unit: "ops",
    queries: [{ expr: `sum by (stage) (${rate("carillon_stage_seconds_count")})`, legend: "{{stage}}" }],
  },
  {
    title: "Stage duration (p95)",
    doc: "Time that a stage takes for one record, 95th percentile.",
    unit: "s",
    queries: [{ expr: `histogram_quantile(0.95, sum by (stage, le) (${rate("carillon_stage_seconds_bucket")}))`, legend: "{{stage}}" }],
  },
];
