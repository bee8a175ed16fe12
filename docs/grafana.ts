/** Grafana's dashboard: the same figures as the console's. */

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
      {
        title: "Queues without progress",
        doc: "How long a partition has held records without a commit. Above three minutes its worker is stuck, or gone.",
        unit: "s",
        queries: [{ expr: `max by (topic, group) (carillon_queue_stalled_seconds${selected})`, legend: "{{topic}} for {{group}}" }],
      },
      {
        title: "Room on the disk of the embedded store",
        doc: "Free bytes and the reserve below which no new message is accepted.",
        unit: "bytes",
        queries: [
          { expr: `min by (folder) (carillon_disk_free_bytes${selected})`, legend: "free in {{folder}}" },
          { expr: `max by (folder) (carillon_disk_reserve_bytes${selected})`, legend: "reserve of {{folder}}" },
        ],
      },
      {
        title: "Overdue timers",
        doc: "How long the oldest due timer has not fired. Retries and deadlines are as late.",
        unit: "s",
        queries: [{ expr: `max(carillon_timers_overdue_seconds${selected})`, legend: "oldest" }],
      },
      {
        title: "Partitions that are furthest behind",
        doc: "One partition alone is one slow recipient, or a worker that is stuck; all of a topic are too few workers.",
        unit: "s",
        queries: [
          {
            expr: `topk(5, max by (topic, partition) (carillon_partition_lag_seconds${selected}))`,
            legend: "{{topic}} {{partition}}",
          },
        ],
      },
      {
        title: "Records that wait, by partition",
        doc: "The fullest partitions.",
        unit: "short",
        queries: [
          {
            expr: `topk(5, max by (topic, partition) (carillon_partition_lag_records${selected}))`,
            legend: "{{topic}} {{partition}}",
          },
        ],
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
        title: "Failed authentications",
        doc: "A second, of keys, sessions and callbacks. A rise is a guesser, or a secret that was changed on one side.",
        unit: "ops",
        queries: [{ expr: `sum by (kind, result) (${rate("carillon_authentication_failures_total")})`, legend: "{{kind}} {{result}}" }],
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
        title: "Receipts",
        doc: "A second, by provider and source.",
        unit: "ops",
        queries: [{ expr: `sum by (provider, source) (${rate("carillon_receipts_total")})`, legend: "{{provider}} by {{source}}" }],
      },
      {
        title: "Events without effect",
        doc: "A second: events that Carillon ignores on purpose, and receipts whose state the provider's table does not have.",
        unit: "ops",
        queries: [
          { expr: `sum by (source, reason) (${rate("carillon_ignored_events_total")})`, legend: "{{source}}: {{reason}}" },
          { expr: `sum by (provider) (${rate("carillon_unknown_states_total")})`, legend: "{{provider}}: unknown state" },
        ],
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
        title: "Records of a later version",
        doc: "An hour, by topic: put back for workers of that version, as during a rolling upgrade.",
        unit: "short",
        queries: [{ expr: `sum by (topic) (increase(carillon_handed_back_total${selected}[1h]))`, legend: "{{topic}}" }],
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
        // the metric holds the interval of its samples: operations/telemetry/process-metrics.ts
        queries: [{ expr: `clamp_min(carillon_nodejs_eventloop_lag_p99_seconds${selected} - 0.05, 0)`, legend: "{{instance}}" }],
      },
      {
        title: "Busy threads",
        doc: "Share of the time in which the event loop of a thread was active. A thread that stays near 1 is the limit of its lanes.",
        unit: "percentunit",
        queries: [{ expr: rate("carillon_thread_active_seconds_total"), legend: "{{instance}} {{thread}}" }],
      },
      {
        title: "Memory of threads",
        doc: "What the objects of each thread take.",
        unit: "bytes",
        queries: [{ expr: `carillon_thread_heap_bytes${selected}`, legend: "{{instance}} {{thread}}" }],
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
