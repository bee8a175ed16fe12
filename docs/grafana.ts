/** Grafana's dashboard and Prometheus' alert rules: the same figures as the console's. */

interface Query {
  readonly expr: string;
  readonly legend: string;
}

interface PanelOptions {
  readonly title: string;
  readonly doc: string;
  readonly unit: "short" | "s" | "percentunit" | "ops" | "bytes";
  readonly queries: readonly Query[];
}

const within = (labels = ""): string => `{namespace=~"$namespace"${labels === "" ? "" : `,${labels}`}}`;
const selected = within();
const rate = (metric: string, labels = ""): string => `rate(${metric}${within(labels)}[$__rate_interval])`;

/** Rows of panels, each with what it answers. */
const rows: readonly { readonly title: string; readonly panels: readonly PanelOptions[] }[] = [
  {
    title: "What waits",
    panels: [
      {
        title: "Oldest record that waits, by lane",
        doc: "How late a message of the lane is. A lane that grows here needs consumers, or a provider that takes more.",
        unit: "s",
        queries: [{ expr: `max by (topic) (carillon_lag_seconds${selected})`, legend: "{{topic}}" }],
      },
      {
        title: "Records that wait",
        doc: "Behind each group, by topic.",
        unit: "short",
        queries: [{ expr: `max by (topic, group) (carillon_lag_records${selected})`, legend: "{{topic}} for {{group}}" }],
      },
    ],
  },
  {
    title: "Messages",
    panels: [
      {
        title: "Accepted by HTTP",
        doc: "A second, by lane. Messages that come by Kafka show in the intake stage below.",
        unit: "ops",
        queries: [{ expr: `sum by (lane) (${rate("carillon_accepted_total")})`, legend: "{{lane}}" }],
      },
      {
        title: "Refused by HTTP",
        doc: "A second, by reason: a sender's mistakes.",
        unit: "ops",
        queries: [{ expr: `sum by (reason) (${rate("carillon_refused_total")})`, legend: "{{reason}}" }],
      },
      {
        title: "Records by stage",
        doc: "A second: how much passes each stage.",
        unit: "ops",
        queries: [{ expr: `sum by (stage) (${rate("carillon_stage_seconds_count")})`, legend: "{{stage}}" }],
      },
      {
        title: "Time a stage takes, p95",
        doc: "For one record.",
        unit: "s",
        queries: [{ expr: `histogram_quantile(0.95, sum by (stage, le) (${rate("carillon_stage_seconds_bucket")}))`, legend: "{{stage}}" }],
      },
    ],
  },
  {
    title: "Providers",
    panels: [
      {
        title: "Calls",
        doc: "A second, by what came of them.",
        unit: "ops",
        queries: [{ expr: `sum by (provider, outcome) (${rate("carillon_provider_seconds_count")})`, legend: "{{provider}} {{outcome}}" }],
      },
      {
        title: "Share of failures",
        doc: "Of calls that the provider is to blame for, and of refusals.",
        unit: "percentunit",
        queries: [
          {
            expr: `sum by (provider) (${rate("carillon_provider_seconds_count", 'outcome!~"accepted|delivered"')}) / sum by (provider) (${rate("carillon_provider_seconds_count")})`,
            legend: "{{provider}}",
          },
        ],
      },
      {
        title: "Time to answer, p95",
        doc: "Of the provider's API.",
        unit: "s",
        queries: [
          { expr: `histogram_quantile(0.95, sum by (provider, le) (${rate("carillon_provider_seconds_bucket")}))`, legend: "{{provider}}" },
        ],
      },
      {
        title: "Breaker",
        doc: "0 closed, 1 half open, 2 open; the worst of all processes.",
        unit: "short",
        queries: [{ expr: `max by (channel, provider) (carillon_provider_breaker${selected})`, legend: "{{provider}} ({{channel}})" }],
      },
      {
        title: "Keeps of its weight",
        doc: "What routing leaves a provider after errors and slow receipts.",
        unit: "percentunit",
        queries: [{ expr: `min by (channel, provider) (carillon_provider_share${selected})`, legend: "{{provider}} ({{channel}})" }],
      },
      {
        title: "Calls in hand",
        doc: "Over all processes.",
        unit: "short",
        queries: [{ expr: `sum by (channel, provider) (carillon_provider_in_flight${selected})`, legend: "{{provider}} ({{channel}})" }],
      },
      {
        title: "Callbacks",
        doc: "A second, by how they were answered.",
        unit: "ops",
        queries: [{ expr: `sum by (provider, status) (${rate("carillon_callbacks_total")})`, legend: "{{provider}} {{status}}" }],
      },
    ],
  },
  {
    title: "Troubles",
    panels: [
      {
        title: "Dead letters",
        doc: "An hour, by stage and code. Each can be looked at and put back.",
        unit: "short",
        queries: [{ expr: `sum by (stage, code) (increase(carillon_dead_letters_total${selected}[1h]))`, legend: "{{stage}} {{code}}" }],
      },
      {
        title: "Errors of stages",
        doc: "A second.",
        unit: "ops",
        queries: [{ expr: `sum by (stage) (${rate("carillon_stage_errors_total")})`, legend: "{{stage}}" }],
      },
      {
        title: "What has to be tried again",
        doc: "A second, by where: servers that do not answer, batches done anew.",
        unit: "ops",
        queries: [{ expr: `sum by (where) (${rate("carillon_troubles_total")})`, legend: "{{where}}" }],
      },
      {
        title: "Lateness of timers, p99",
        doc: "By what fired them. The sweeper alone means that expiry events do not come.",
        unit: "s",
        queries: [
          { expr: `histogram_quantile(0.99, sum by (by, le) (${rate("carillon_timer_lateness_seconds_bucket")}))`, legend: "{{by}}" },
        ],
      },
      {
        title: "Memory",
        doc: "Resident, by process.",
        unit: "bytes",
        queries: [{ expr: `carillon_process_resident_memory_bytes${selected}`, legend: "{{instance}}" }],
      },
      {
        title: "Event loop, p99",
        doc: "How late the process gets to its work.",
        unit: "s",
        queries: [{ expr: `carillon_nodejs_eventloop_lag_p99_seconds${selected}`, legend: "{{instance}}" }],
      },
    ],
  },
];

const datasource = { type: "prometheus", uid: "$datasource" };
const [columns, panelWidth, panelHeight] = [24, 8, 8];

const panelOf = ({ title, doc, unit, queries }: PanelOptions, id: number, x: number, y: number) => ({
  id,
  type: "timeseries",
  title,
  description: doc,
  datasource,
  gridPos: { x, y, w: panelWidth, h: panelHeight },
  fieldConfig: { defaults: { unit, min: 0, custom: { lineWidth: 1, fillOpacity: 10, showPoints: "never" } }, overrides: [] },
  options: { legend: { displayMode: "list", placement: "bottom", showLegend: true }, tooltip: { mode: "multi", sort: "desc" } },
  targets: queries.map(({ expr, legend }, index) => ({ refId: String.fromCharCode(65 + index), datasource, expr, legendFormat: legend })),
});

/** The dashboard as Grafana imports it. */
export const grafanaDashboard = (): string => {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: own } of rows) {
    panels.push({ id: panels.length + 1, type: "row", title, collapsed: false, gridPos: { x: 0, y, w: columns, h: 1 }, panels: [] });
    y += 1;
    for (const [index, panel] of own.entries())
      panels.push(
        panelOf(panel, panels.length + 1, (index * panelWidth) % columns, y + Math.floor((index * panelWidth) / columns) * panelHeight),
      );
    y += Math.ceil((own.length * panelWidth) / columns) * panelHeight;
  }
  const dashboard = {
    uid: "carillon",
    title: "Carillon",
    tags: ["carillon"],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    timezone: "browser",
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus", label: "Data source", current: {} },
        {
          name: "namespace",
          type: "query",
          label: "Namespace",
          datasource,
          query: "label_values(carillon_lag_records, namespace)",
          includeAll: true,
          allValue: ".*",
          multi: true,
          current: { text: "All", value: "$__all" },
          refresh: 2,
        },
      ],
    },
    annotations: { list: [] },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
};

interface Alert {
  readonly name: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: "page" | "ticket";
  readonly summary: string;
  readonly what: string;
}

/** What wakes somebody, and what can wait for the morning. */
export const alerts: readonly Alert[] = [
  {
    name: "CarillonCriticalLate",
    expr: 'max by (topic) (carillon_lag_seconds{topic=~".*[.]critical"}) > 10',
    for: "1m",
    severity: "page",
    summary: "critical messages wait for {{ $value | humanizeDuration }} in {{ $labels.topic }}",
    what: "one-time passwords are late: see which stage or provider holds them (console, Overview and Providers)",
  },
  {
    name: "CarillonLaneLate",
    expr: 'max by (topic) (carillon_lag_seconds{topic=~".*[.](high|normal)"}) > 300',
    for: "5m",
    severity: "ticket",
    summary: "messages wait for {{ $value | humanizeDuration }} in {{ $labels.topic }}",
    what: "the lane needs more consumers, or its provider takes less than comes in",
  },
  {
    name: "CarillonLineageLate",
    expr: 'max by (topic) (carillon_lag_seconds{topic=~".*[.]lineage"}) > 600',
    for: "5m",
    severity: "ticket",
    summary: "lineage is {{ $value | humanizeDuration }} behind",
    what: "delivery goes on; reports and the console show an older state: look at MongoDB",
  },
  {
    name: "CarillonProviderLeftAlone",
    expr: "max by (channel, provider) (carillon_provider_breaker) == 2",
    for: "2m",
    severity: "page",
    summary: "{{ $labels.provider }} ({{ $labels.channel }}) fails: its breaker is open",
    what: "its messages go by others or wait: see its errors in the console, and its status page",
  },
  {
    name: "CarillonProviderFails",
    expr: 'sum by (provider) (rate(carillon_provider_seconds_count{outcome!~"accepted|delivered|permanent_failure"}[10m])) / sum by (provider) (rate(carillon_provider_seconds_count[10m])) > 0.1',
    for: "10m",
    severity: "ticket",
    summary: "{{ $value | humanizePercentage }} of the calls of {{ $labels.provider }} fail",
    what: "messages are retried or go by others; lineage has the provider's words",
  },
  {
    name: "CarillonDeadLetters",
    expr: "sum by (stage, code) (increase(carillon_dead_letters_total[1h])) > 0",
    for: "0m",
    severity: "ticket",
    summary: "{{ $value | humanize }} records of {{ $labels.stage }} could not be processed: {{ $labels.code }}",
    what: "look at them (carillon dead-letters list), mend the cause, put them back",
  },
  {
    name: "CarillonCallbacksRefused",
    expr: 'sum by (provider) (rate(carillon_callbacks_total{status=~"4..",provider!="unknown"}[10m])) > 0.1',
    for: "10m",
    severity: "ticket",
    summary: "callbacks of {{ $labels.provider }} are refused",
    what: "its signature, token or address is not what is configured: receipts are missed until then",
  },
  {
    name: "CarillonTimersLate",
    expr: "histogram_quantile(0.99, sum by (le) (rate(carillon_timer_lateness_seconds_bucket[10m]))) > 5",
    for: "10m",
    severity: "ticket",
    summary: "timers fire {{ $value | humanizeDuration }} late",
    what: "retries and deadlines are late: Redis is slow, or too few processes sweep",
  },
  {
    name: "CarillonTroubles",
    expr: "sum by (where) (rate(carillon_troubles_total[10m])) > 1",
    for: "10m",
    severity: "ticket",
    summary: "work at {{ $labels.where }} has to be done again and again",
    what: "a server does not answer or answers wrongly: the log says which (carillon doctor)",
  },
  {
    name: "CarillonGone",
    expr: "absent(carillon_lag_records)",
    for: "5m",
    severity: "page",
    summary: "no process of Carillon is seen",
    what: "nothing is sent: see whether its processes run",
  },
];

/** Rules as Prometheus reads them. */
export const alertRules = (): object => ({
  groups: [
    {
      name: "carillon",
      rules: alerts.map(({ name, expr, for: held, severity, summary, what }) => ({
        alert: name,
        expr,
        for: held,
        labels: { severity },
        annotations: { summary, description: what },
      })),
    },
  ],
});
