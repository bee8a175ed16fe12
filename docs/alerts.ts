/** Prometheus' alert rules, each with its runbook. */

interface Alert {
  readonly name: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: "page" | "ticket";
  readonly summary: string;
  readonly what: string;
  /** The runbook: what may be behind it, where to look, what helps. */
  readonly cause: string;
  readonly look: string;
  readonly cure: string;
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
    cause: "its workers are too few, busy or gone; or its provider answers slowly, so that all its places are taken",
    look: "`carillon lanes --partitions`: one partition behind is one slow recipient or a stuck worker, all of them are too little of everything. `carillon providers`: in flight, answers, breaker. A trace tells waiting from working",
    cure: "more replicas of `dispatch-critical` or `intake-critical` (`carillon plan` says how many); another provider first in `channels.<channel>.providers`; a campaign that was sent as critical: `tenants.criticalPerSecond`",
  },
  {
    name: "CarillonLaneLate",
    expr: 'max by (topic) (carillon_lag_seconds{topic=~".*[.](high|normal)"}) > 300',
    for: "5m",
    severity: "ticket",
    summary: "messages wait for {{ $value | humanizeDuration }} in {{ $labels.topic }}",
    what: "the lane needs more consumers, or its provider takes less than comes in",
    cause: "more comes in than workers or the provider take",
    look: "`carillon plan --target-age 5m`; `carillon providers`: a breaker that is open or `throttled` answers",
    cure: "the replicas or partitions that the plan names; a second provider, or a higher rate with this one",
  },
  {
    name: "CarillonLineageLate",
    expr: 'max by (topic) (carillon_lag_seconds{topic=~".*[.]lineage"}) > 600',
    for: "5m",
    severity: "ticket",
    summary: "lineage is {{ $value | humanizeDuration }} behind",
    what: "delivery goes on; reports and the console show an older state: look at MongoDB",
    cause: "MongoDB is slow or away, or a burst is being written",
    look: "`carillon doctor`; MongoDB's own load; `carillon lanes`: whether `record` still gets on",
    cure: "mend MongoDB, or more replicas of `record`; nothing is lost meanwhile, delivery goes on",
  },
  {
    name: "CarillonProviderLeftAlone",
    expr: "max by (channel, provider) (carillon_provider_breaker) == 2",
    for: "2m",
    severity: "page",
    summary: "{{ $labels.provider }} ({{ $labels.channel }}) fails: its breaker is open",
    what: "its messages go by others or wait: see its errors in the console, and its status page",
    cause: "the provider failed again and again, or does not answer",
    look: "`carillon providers`, then the words of its last failures in a message's lineage (`carillon why`), and its status page",
    cure: "nothing, if it recovers: it is tried again by itself. Else put another first in `channels.<channel>.providers` and restart `dispatch/*`; wrong credentials: mend the Secret and restart",
  },
  {
    name: "CarillonProviderFails",
    expr: 'sum by (provider) (rate(carillon_provider_seconds_count{outcome!~"accepted|delivered|permanent_failure"}[10m])) / sum by (provider) (rate(carillon_provider_seconds_count[10m])) > 0.1',
    for: "10m",
    severity: "ticket",
    summary: "{{ $value | humanizePercentage }} of the calls of {{ $labels.provider }} fail",
    what: "messages are retried or go by others; lineage has the provider's words",
    cause: "the provider is ill, throttles, or was given what it does not take",
    look: "outcomes by provider on the dashboard; one message of each outcome by `carillon why`",
    cure: "throttled: lower `providers.<name>.limit.perSecond`; temporary: wait, or give it less weight; ambiguous: raise `delivery.sendTimeoutMs` above its slowest answers",
  },
  {
    name: "CarillonDeadLetters",
    expr: "sum by (stage, code) (increase(carillon_dead_letters_total[1h])) > 0",
    for: "0m",
    severity: "ticket",
    summary: "{{ $value | humanize }} records of {{ $labels.stage }} could not be processed: {{ $labels.code }}",
    what: "look at them (carillon dead-letters list), mend the cause, put them back",
    cause: "a producer's record is no message, a provider's news fits none, or a stage threw",
    look: "`carillon dead-letters list`, then `show ID`: stage, error, the bytes",
    cure: "the table under Dead letters, by error; then `redrive --code …`, or `discard` with a reason",
  },
  {
    name: "CarillonCallbacksRefused",
    expr: 'sum by (provider) (rate(carillon_callbacks_total{status=~"4..",provider!="unknown"}[10m])) > 0.1',
    for: "10m",
    severity: "ticket",
    summary: "callbacks of {{ $labels.provider }} are refused",
    what: "its signature, token or address is not what is configured: receipts are missed until then",
    cause: "the secret, signature or address of a provider's callbacks is not what is configured",
    look: "`carillon_callbacks_total` by status: 401 is its token or signature, 403 its address, 400 its form",
    cure: "mend `providers.<name>.callback`; what was missed the daily pull asks for, where the provider can be asked",
  },
  {
    name: "CarillonTimersLate",
    expr: "histogram_quantile(0.99, sum by (le) (rate(carillon_timer_lateness_seconds_bucket[10m]))) > 5",
    for: "10m",
    severity: "ticket",
    summary: "timers fire {{ $value | humanizeDuration }} late",
    what: "retries and deadlines are late: Redis is slow, or too few processes sweep",
    cause: "Redis is slow, or no process sweeps",
    look: "`carillon doctor` (timers); how many pods have `timers: true`; Redis' latency",
    cure: "more workers with `timers`, a less busy Redis; late timers are fired, none is lost",
  },
  {
    name: "CarillonTroubles",
    expr: "sum by (where) (rate(carillon_troubles_total[10m])) > 1",
    for: "10m",
    severity: "ticket",
    summary: "work at {{ $labels.where }} has to be done again and again",
    what: "a server does not answer or answers wrongly: the log says which (carillon doctor)",
    cause: "a server does not answer, or answers wrongly",
    look: "`carillon doctor`, then the log of a worker: each trouble names its server",
    cure: "mend the server; batches are tried again by themselves and nothing is committed meanwhile",
  },
  {
    name: "CarillonGone",
    expr: "absent(carillon_lag_records)",
    for: "5m",
    severity: "page",
    summary: "no process of Carillon is seen",
    what: "nothing is sent: see whether its processes run",
    cause: "no pod runs, or Prometheus does not reach them",
    look: "`kubectl get pods`, the first lines of their logs: a mistaken configuration names each key",
    cure: "mend what the log names; `helm rollback` if an upgrade brought it",
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
        annotations: { summary, description: what, runbook_url: `docs/operating.md#${name.toLowerCase()}` },
      })),
    },
  ],
});

/** The runbook as a page has it. */
export const runbook = (): string =>
  alerts
    .map(
      ({ name, what, cause, look, cure, severity }) => `### ${name}

${severity === "page" ? "Wakes somebody" : "Can wait for the morning"}: ${what}.

- **Cause**: ${cause}.
- **Look**: ${look}.
- **Cure**: ${cure}.
`,
    )
    .join("\n");
