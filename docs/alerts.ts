/** Prometheus' alert rules, each with its runbook entry. */

interface Alert {
  readonly name: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: "page" | "ticket";
  /** The thing and its state. */
  readonly summary: string;
  /** What it means for messages, and the action. */
  readonly description: string;
  readonly symptoms: string;
  readonly diagnosis: string;
  readonly resolution: string;
}

/** Late records of the topics that fit `topics`, by topic. */
const late = (topics: string, seconds: number): string => `max by (topic) (carillon_lag_seconds{topic=~"${topics}"}) > ${seconds}`;

/**
 * How much each counter grew. A counter that appears with its first increment grew too, though Prometheus saw no smaller value:
 * such a series was not there at the begin of the span.
 */
const grown = (counter: string, by: string, span: string): string =>
  `sum by (${by}) (increase(${counter}[${span}]) > 0 or (${counter} > 0 unless ${counter} offset ${span}))`;

const refused = 'sum by (provider) (increase(carillon_callbacks_total{status=~"4..",provider!="unknown"}[30m]))';

/** `page` wakes the person on call; `ticket` can wait for the morning. */
export const alerts: readonly Alert[] = [
  {
    name: "CarillonCriticalLate",
    expr: late(".*[.]critical", 10),
    for: "1m",
    severity: "page",
    summary: "Critical messages in {{ $labels.topic }} are {{ $value | humanizeDuration }} late",
    description: "One-time passwords arrive late. Find the stage or provider that holds them: console, Overview and Providers",
    symptoms: "the oldest record of a critical topic has been queued for more than 10 seconds",
    diagnosis:
      "run `carillon lanes --partitions`. If one partition is behind, one recipient is slow or one worker is stuck. If all are, there are too few workers, or the provider is slow: `carillon providers` shows its circuit, answer times and calls in flight. A trace separates queueing from work",
    resolution:
      "add replicas of `dispatch-critical` or `intake-critical` (`carillon plan` computes how many). For a slow provider, put another one first in `channels.<channel>.providers`. For a campaign sent as critical, lower `tenants.criticalPerSecond`",
  },
  {
    name: "CarillonLaneLate",
    expr: late(".*[.](high|normal)", 300),
    for: "5m",
    severity: "ticket",
    summary: "Messages in {{ $labels.topic }} are {{ $value | humanizeDuration }} late",
    description: "More messages arrive than the lane sends. Run carillon plan, and add consumers or provider capacity",
    symptoms: "the oldest record of a high or normal topic has been queued for more than 5 minutes",
    diagnosis: "run `carillon plan --target-age 5m`, and `carillon providers` for an open circuit or `throttled` answers",
    resolution: "apply the replicas or partitions that the plan names, add a second provider, or raise the rate with this one",
  },
  {
    name: "CarillonBulkLate",
    expr: late(".*[.]bulk", 14_400),
    for: "5m",
    severity: "ticket",
    summary: "Bulk messages in {{ $labels.topic }} are {{ $value | humanizeDuration }} late",
    description: "A campaign takes longer than four hours. Run carillon plan, and add bulk consumers or provider capacity",
    symptoms: "the oldest record of a bulk topic has been queued for more than 4 hours",
    diagnosis: "run `carillon lanes` and compare records in and out per second, and `carillon plan --target-age 4h`",
    resolution: "add replicas of `dispatch-bulk`, or raise `providers.<name>.limits.perSecond` if the provider agrees",
  },
  {
    name: "CarillonReceiptsLate",
    expr: late(".*[.]receipts[.].*", 300),
    for: "1m",
    severity: "ticket",
    summary: "Receipts in {{ $labels.topic }} are {{ $value | humanizeDuration }} late",
    description: "Messages stay dispatched although the provider reported on them. Check the respond workers",
    symptoms: "the oldest record of a receipts topic has been queued for more than 5 minutes",
    diagnosis: "run `carillon lanes --partitions` and `carillon doctor`. Check that pods with `respond/*` in `runtime.only` run",
    resolution: "restart or add replicas of `respond`. Nothing is lost: queued receipts decide their messages when they are processed",
  },
  {
    name: "CarillonFeedbackLate",
    expr: late(".*[.](feedback|webhooks)", 300),
    for: "1m",
    severity: "ticket",
    summary: "Webhook notifications in {{ $labels.topic }} are {{ $value | humanizeDuration }} late",
    description: "Tenants learn late how their messages ended. Check the announce and webhook workers",
    symptoms: "the oldest record of the feedback or webhooks topic has been queued for more than 5 minutes",
    diagnosis: "run `carillon lanes --partitions`. Check that pods with `announce/*` and `webhook/*` in `runtime.only` run",
    resolution: "start workers for these queues, or add replicas. Notifications are retried, and none is lost",
  },
  {
    name: "CarillonLineageLate",
    expr: late(".*[.]lineage", 600),
    for: "5m",
    severity: "ticket",
    summary: "Lineage is {{ $value | humanizeDuration }} late",
    description: "Delivery continues, and reports and the console show an older state. Check MongoDB",
    symptoms: "the oldest lineage event has been queued for more than 10 minutes",
    diagnosis: "run `carillon doctor`, and look at MongoDB's load. `carillon lanes` shows whether `record` makes progress",
    resolution: "restore MongoDB, or add replicas of `record`. Nothing is lost, and delivery continues meanwhile",
  },
  {
    name: "CarillonQueueStuck",
    expr: "max by (topic, group) (carillon_queue_stalled_seconds) > 200",
    for: "30s",
    severity: "page",
    summary: "A partition of {{ $labels.topic }} has made no progress for {{ $value | humanizeDuration }}",
    description: "Records are queued and none is committed. Find the partition with carillon lanes --partitions, and restart its worker",
    symptoms: "a partition holds records, and its committed offset has not moved for more than 3 minutes",
    diagnosis:
      "run `carillon lanes --partitions` to find the partition and whether the group has living members. The log of its worker names the record or the server that fails. `carillon doctor` lists servers that do not answer and queues that no process consumes",
    resolution:
      "start workers for a queue without any. Restore the server that the log names. Restart a worker that is stuck: its partitions move to others, and no committed record is repeated",
  },
  {
    name: "CarillonConsumersDown",
    expr: "sum by (queue) (carillon_consumers_configured) - sum by (queue) (carillon_consumers) > 0",
    for: "2m",
    severity: "page",
    summary: "{{ $value }} consumers of {{ $labels.queue }} are down",
    description: "The queue is slower, or stands still if none lives. Carillon starts each consumer again; see GET /readyz for the reason",
    symptoms: "for two minutes fewer consumers than configured were members of their group; `carillon lanes` shows how many live",
    diagnosis:
      "`GET /readyz` and the worker's log name the reason. `KAFKA_DENIED` is a missing right (ACL), a wrong password or a broker setting. `UNAVAILABLE` is a broker or the schema registry that does not answer: run `carillon doctor`",
    resolution:
      "grant the right or fix the server; Carillon tries again at least every 30 seconds and needs no restart. If the reason names neither, restart the worker and keep its log",
  },
  {
    name: "CarillonProviderCircuitOpen",
    expr: "max by (channel, provider) (carillon_provider_breaker) == 2",
    for: "2m",
    severity: "page",
    summary: "The circuit of {{ $labels.provider }} ({{ $labels.channel }}) is open",
    description: "Its messages fail over to other providers, or stay queued. Check its errors in the console, and its status page",
    symptoms: "the provider failed repeatedly or did not answer, and Carillon stopped calling it",
    diagnosis: "run `carillon providers`, then `carillon why` for one of its messages to read its last answer. Check its status page",
    resolution:
      "wait if the provider recovers: Carillon probes it and closes the circuit. Otherwise put another one first in `channels.<channel>.providers` and restart `dispatch/*`. For wrong credentials, correct the Secret and restart",
  },
  {
    name: "CarillonProviderFails",
    expr: 'sum by (provider) (rate(carillon_provider_seconds_count{outcome!~"accepted|delivered|permanent_failure"}[10m])) / sum by (provider) (rate(carillon_provider_seconds_count[10m])) > 0.1',
    for: "10m",
    severity: "ticket",
    summary: "{{ $value | humanizePercentage }} of the calls to {{ $labels.provider }} fail",
    description: "Messages are retried or fail over. Read the provider's answers with carillon why",
    symptoms: "more than a tenth of the calls to a provider end in temporary failures, throttling or timeouts",
    diagnosis: "compare the outcomes by provider on the dashboard, and run `carillon why` for one message of each outcome",
    resolution:
      "throttled: lower `providers.<name>.limits.perSecond`. Temporary: wait, or lower its weight. Ambiguous: raise `delivery.sendTimeoutMs` above its slowest answers",
  },
  {
    name: "CarillonDeadLetters",
    expr: grown("carillon_dead_letters_total", "stage, code", "1h"),
    for: "0m",
    severity: "ticket",
    summary: "{{ $value | humanize }} records of {{ $labels.stage }} went to dead letters: {{ $labels.code }}",
    description: "Run carillon dead-letters list, fix the cause, then redrive or discard them",
    symptoms: "a stage could not process a record",
    diagnosis: "run `carillon dead-letters list`, then `show ID`: it prints the stage, the error and the original bytes",
    resolution: "follow the table under Dead letters, by error. Then run `redrive --code …`, or `discard` with a reason",
  },
  {
    name: "CarillonCallbacksRefused",
    expr: `${refused} / sum by (provider) (increase(carillon_callbacks_total[30m])) > 0.1 and ${refused} > 5`,
    for: "2m",
    severity: "ticket",
    summary: "Callbacks of {{ $labels.provider }} are refused",
    description: "Receipts are missing until the configured proof fits. Compare providers.<name>.callback with the provider's settings",
    symptoms: "Carillon answers more than a tenth of a provider's callbacks with 4xx",
    diagnosis:
      "group `carillon_callbacks_total` by status. 401: the token, password, signature or address does not fit. 400: the body is not what the provider documents",
    resolution:
      "correct `providers.<name>.callback`. The daily pull asks for the receipts that were missed, where the provider can be asked",
  },
  {
    name: "CarillonUnknownStates",
    expr: grown("carillon_unknown_states_total", "provider", "1h"),
    for: "0m",
    severity: "ticket",
    summary: "{{ $labels.provider }} reports states that Carillon does not know",
    description: "Such receipts decide nothing, and their messages may end as expired. Read the states in the log",
    symptoms: "a receipt has a state that is not in the provider's table",
    diagnosis:
      "search the log for `not in the provider's table`: each state is logged once. `carillon why` shows it for one of its messages",
    resolution:
      "for the provider `http`, add the state to `providers.<name>.receipt.states` and restart. For others, compare it with the provider's documentation and report it",
  },
  {
    name: "CarillonAuthenticationFailures",
    expr: 'sum by (kind) (increase(carillon_authentication_failures_total{kind!="missing"}[15m])) > 150',
    for: "1m",
    severity: "ticket",
    summary: "{{ $value | humanize }} wrong credentials ({{ $labels.kind }}) within 15 minutes",
    description: "A client holds an old key, or an attacker guesses keys. Find its address",
    symptoms: "more than ten requests a minute carry a key, session or callback proof that is wrong; they are answered with 401 or 429",
    diagnosis: "group `carillon_authentication_failures_total` by kind, and find the addresses in the log of the proxy before Carillon",
    resolution:
      "give the client its new key, or close the address at the proxy. Guesses are slowed by `http.failedAuthenticationsPerMinute`",
  },
  {
    name: "CarillonTimersLate",
    expr: "max(carillon_timers_overdue_seconds) > 60 or histogram_quantile(0.99, sum by (le) (rate(carillon_timer_lateness_seconds_bucket[10m]))) > 5",
    for: "2m",
    severity: "ticket",
    summary: "Timers are {{ $value | humanizeDuration }} late",
    description: "Retries and deadlines are late. Check Redis, and that a process runs with runtime.expireListener",
    symptoms: "a due timer has not fired for more than a minute, or one in a hundred fires more than 5 seconds late",
    diagnosis: "run `carillon doctor` (timers). Count the pods with `runtime.expireListener`, and look at the latency of Redis",
    resolution: "start workers with `runtime.expireListener`, or take load off Redis. Late timers fire, and none is lost",
  },
  {
    name: "CarillonTroubles",
    expr: "sum by (where) (rate(carillon_troubles_total[5m])) > 0.05",
    for: "2m",
    severity: "ticket",
    summary: "Work at {{ $labels.where }} fails and is repeated",
    description: "A server does not answer, or answers wrongly. Run carillon doctor, and read the worker's log",
    symptoms: "batches or connections have failed more than 15 times within 5 minutes",
    diagnosis: "run `carillon doctor`, then read the log of a worker: each entry names its server",
    resolution: "restore the server. Batches are retried, and nothing is committed meanwhile",
  },
  {
    name: "CarillonRecordsDeleted",
    expr: "sum(increase(carillon_records_deleted_total[15m])) > 0",
    for: "0m",
    severity: "page",
    summary: "Records were deleted before they were read",
    description: "Their messages do not go on by themselves. Read the topic in the log, and run carillon doctor",
    symptoms: "retention, compaction or an operator deleted records that a queue had not read yet. Reading went on from the first one kept",
    diagnosis:
      "search the log for `RECORDS_DELETED`: it names the topic and the partition. `carillon doctor` names topics whose settings delete sooner than `topics.retentionMs`, and `carillon lanes` the age of what waits",
    resolution:
      "run the `kafka-configs` command that doctor prints, and add workers to the queue until its age falls. Messages whose record was a request, a send or a receipt end as expired, or by a later receipt, once their deadline has passed: send again what is still wanted",
  },
  {
    name: "CarillonDiskFull",
    expr: "max by (folder) (carillon_disk_condition) > 0",
    for: "1m",
    severity: "page",
    summary: "The disk of {{ $labels.folder }} is full",
    description: "New messages are answered with 503. Make room on the file system of the data folder",
    symptoms: "`POST /v1/messages` answers 503 `disk full`, and `/readyz` is red. At `carillon_disk_condition` 2 all stages pause",
    diagnosis:
      "run `carillon doctor`: it names the folder, its free bytes and its reserve. `du -x` finds what fills the file system; the sandbox's outbox lies in the data folder",
    resolution:
      "make room, or enlarge the file system: Carillon continues by itself and has lost nothing that it accepted. To warn earlier, raise `embedded.reserveBytes`",
  },
  {
    name: "CarillonGone",
    expr: "absent(carillon_lag_records)",
    for: "4m",
    severity: "page",
    summary: "Prometheus sees no process of Carillon",
    description: "Nothing is sent. Check whether its processes run",
    symptoms: "no process reports metrics",
    diagnosis: "run `kubectl get pods`, and read the first lines of their logs: a configuration error names each key",
    resolution: "correct what the log names, or run `helm rollback` after a failed upgrade",
  },
];

/** Rules as Prometheus reads them. */
export const alertRules = (): object => ({
  groups: [
    {
      name: "carillon",
      rules: alerts.map(({ name, expr, for: held, severity, summary, description }) => ({
        alert: name,
        expr,
        for: held,
        labels: { severity },
        annotations: { summary, description, runbook_url: `docs/operating.md#${name.toLowerCase()}` },
      })),
    },
  ],
});

/** The runbook as a page has it. */
export const runbook = (): string =>
  alerts
    .map(
      ({ name, description, symptoms, diagnosis, resolution, severity }) => `### ${name}

${severity === "page" ? "Pages the person on call" : "Opens a ticket"}. ${description}.

- **Symptoms**: ${symptoms}.
- **Diagnosis**: ${diagnosis}.
- **Resolution**: ${resolution}.
`,
    )
    .join("\n");
