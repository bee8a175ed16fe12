import { type PanelOptions, rate, selected } from "./panel.js";

/** Calls to providers, their health as routing sees it, and their receipts. */
export const providerPanels: readonly PanelOptions[] = [
  {
    title: "Calls by outcome",
    doc: "Calls per second, by provider and outcome.",
    unit: "ops",
    queries: [{ expr: `sum by (provider, outcome) (${rate("carillon_provider_seconds_count")})`, legend: "{{provider}} {{outcome}}" }],
  },
  {
    title: "Failure rate",
    doc: "Share of calls with another outcome than accepted or delivered: failures of the provider, and refused messages.",
    unit: "percentunit",
    queries: [
      {
        expr: `sum by (provider) (${rate("carillon_provider_seconds_count", 'outcome!~"accepted|delivered"')}) / sum by (provider) (${rate("carillon_provider_seconds_count")})`,
        legend: "{{provider}}",
      },
    ],
  },
  {
    title: "Response time (p95)",
    doc: "Time that the provider's API takes to answer, 95th percentile.",
    unit: "s",
    queries: [
      { expr: `histogram_quantile(0.95, sum by (provider, le) (${rate("carillon_provider_seconds_bucket")}))`, legend: "{{provider}}" },
    ],
  },
  {
    title: "Circuit breaker",
    doc: "State of the circuit breaker: 0 closed, 1 half open, 2 open. The panel shows the worst state over all processes.",
    unit: "short",
    queries: [{ expr: `max by (channel, provider) (carillon_provider_breaker${selected})`, legend: "{{provider}} ({{channel}})" }],
  },
  {
    title: "Effective weight",
    doc: "Share of its weight that a provider keeps after errors and slow receipts. The panel shows the lowest share over all processes.",
    unit: "percentunit",
    queries: [
      { expr: `min by (channel, provider) (carillon_provider_effective_weight_ratio${selected})`, legend: "{{provider}} ({{channel}})" },
    ],
  },
  {
    title: "Calls in flight",
    doc: "Calls to the provider that have no answer yet, over all processes.",
    unit: "short",
    queries: [{ expr: `sum by (channel, provider) (carillon_provider_in_flight${selected})`, legend: "{{provider}} ({{channel}})" }],
  },
  {
    title: "Receipts by source",
    doc: "Receipts per second, by provider and source.",
    unit: "ops",
    queries: [{ expr: `sum by (provider, source) (${rate("carillon_receipts_total")})`, legend: "{{provider}} by {{source}}" }],
  },
  {
    title: "Callbacks by status",
    doc: "Callbacks of providers per second, by the HTTP status that Carillon answers.",
    unit: "ops",
    queries: [{ expr: `sum by (provider, status) (${rate("carillon_callbacks_total")})`, legend: "{{provider}} {{status}}" }],
  },
  {
    title: "Ignored events and unknown states",
    doc: "Events per second without effect: events that Carillon ignores on purpose, and receipts with a state that is not in the provider's table.",
    unit: "ops",
    queries: [
      { expr: `sum by (source, reason) (${rate("carillon_ignored_events_total")})`, legend: "{{source}}: {{reason}}" },
      { expr: `sum by (provider) (${rate("carillon_unknown_states_total")})`, legend: "{{provider}}: unknown state" },
    ],
  },
];
