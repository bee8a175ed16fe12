import { type Alert, grown, late } from "./alert.js";

/** Alerts about records that are queued too long, or that no stage could process. */
export const queueAlerts: readonly Alert[] = [
  {
    name: "CarillonCriticalLate",
    expr: late(".*[.]critical", 10),
    for: "1m",
    severity: "page",
    summary: "Critical messages in {{ $labels.topic }} are {{ $value | humanizeDuration }} late",
    description:
      "One-time passwords arrive late. Open Overview and Providers in the console to find the stage or the provider that delays them.",
    symptoms: "The oldest record of a critical topic has been queued for more than 10 seconds.",
    diagnosis: [
      "Run `carillon lanes --partitions`.",
      "If one partition is behind, one recipient is slow or one worker is stuck.",
      "If all partitions are behind, there are too few workers, or the provider is slow. `carillon providers` shows its circuit, receipt times and calls in flight. Providers in the console also shows its response times.",
      "A trace separates the time in the queue from the time in a stage.",
    ],
    resolution: [
      "Too few workers: add replicas of `dispatch-critical` or `intake-critical`. `carillon plan` computes how many, with their consumers and partitions.",
      "Slow provider: put another one first in `channels.<channel>.providers`.",
      "Campaign sent as critical: lower `tenants.criticalPerSecond`.",
    ],
  },
  {
    name: "CarillonLaneLate",
    expr: late(".*[.](high|normal|ingress[.].*)", 300),
    for: "5m",
    severity: "ticket",
    summary: "Messages in {{ $labels.topic }} are {{ $value | humanizeDuration }} late",
    description: "More messages arrive than the lane sends. Run `carillon plan`, and add consumers or provider capacity.",
    symptoms: "The oldest record of a high or normal topic, or of a tenant's `ingress` topic, has been queued for more than 5 minutes.",
    diagnosis: [
      "Run `carillon plan --target-age 5m`.",
      "Run `carillon providers`, and look for an open circuit.",
      "Look for calls with the outcome `throttled` on the dashboard.",
    ],
    resolution: [
      "Too few workers: apply the replicas or partitions that the plan reports.",
      "Too little provider capacity: add a second provider, or agree on a higher rate with this one.",
    ],
  },
  {
    name: "CarillonBulkLate",
    expr: late(".*[.]bulk", 14_400),
    for: "5m",
    severity: "ticket",
    summary: "Bulk messages in {{ $labels.topic }} are {{ $value | humanizeDuration }} late",
    description: "A campaign takes longer than four hours. Run `carillon plan`, and add bulk consumers or provider capacity.",
    symptoms: "The oldest record of a bulk topic has been queued for more than 4 hours.",
    diagnosis: [
      "Open Overview in the console, and compare the records per second into and out of each bulk queue.",
      "Run `carillon plan --target-age 4h`.",
    ],
    resolution: ["Add replicas of `dispatch-bulk`.", "Raise `providers.<name>.limits.perSecond` if the provider agrees."],
  },
  {
    name: "CarillonReceiptsLate",
    expr: late(".*[.]receipts[.].*", 300),
    for: "1m",
    severity: "ticket",
    summary: "Receipts in {{ $labels.topic }} are {{ $value | humanizeDuration }} late",
    description:
      "Messages keep the status `dispatched` although the provider has sent their receipts. Check the workers that run `respond/*`.",
    symptoms: "The oldest record of a receipts topic has been queued for more than 5 minutes.",
    diagnosis: [
      "Run `carillon lanes --partitions` and `carillon doctor`.",
      "Check that pods with `respond/*` in `runtime.queues` are running.",
    ],
    resolution: ["Restart `respond`, or add replicas of it. No receipt is lost: each decides its message when it is processed."],
  },
  {
    name: "CarillonFeedbackLate",
    expr: late(".*[.](feedback|webhooks)", 300),
    for: "1m",
    severity: "ticket",
    summary: "Notifications of tenants in {{ $labels.topic }} are {{ $value | humanizeDuration }} late",
    description:
      "Tenants are notified late of the results of their messages. Check the workers that run `announce/*`, `webhook/*` and `egress/*`.",
    symptoms: "The oldest record of the feedback or webhooks topic has been queued for more than 5 minutes.",
    diagnosis: [
      "Run `carillon lanes --partitions`.",
      "Check that pods with `announce/*`, `webhook/*` and `egress/*` in `runtime.queues` are running.",
    ],
    resolution: ["Start workers for these queues, or add replicas. Carillon retries notifications and loses none."],
  },
  {
    name: "CarillonLineageLate",
    expr: late(".*[.]lineage", 600),
    for: "5m",
    severity: "ticket",
    summary: "Lineage is {{ $value | humanizeDuration }} late",
    description: "Delivery continues, but reports and the console show an older state. Check MongoDB.",
    symptoms: "The oldest lineage event has been queued for more than 10 minutes.",
    diagnosis: [
      "Run `carillon doctor`, and check the load of MongoDB.",
      "Run `carillon lanes` repeatedly to see whether `record` makes progress.",
    ],
    resolution: ["Restore MongoDB, or add replicas of `record`. Nothing is lost, and delivery continues in the meantime."],
  },
  {
    name: "CarillonQueueStuck",
    expr: "max by (topic, group) (carillon_queue_stalled_seconds) > 200",
    for: "30s",
    severity: "page",
    summary: "A partition of {{ $labels.topic }} has made no progress for {{ $value | humanizeDuration }}",
    description: "Records are queued and none is committed. Find the partition with `carillon lanes --partitions`, and restart its worker.",
    symptoms: "A partition holds records, and its committed offset has not moved for more than 3 minutes.",
    diagnosis: [
      "Run `carillon lanes --partitions` to find the partition, and whether the group has living members.",
      "Read the log of its worker: it names the record or the server that fails.",
      "Run `carillon doctor`: it lists servers that do not answer, and queues that no process consumes.",
    ],
    resolution: [
      "Queue without workers: start workers for it.",
      "Server that fails: restore the server that the log names.",
      "Stuck worker: restart it. Its partitions move to other workers, and no committed record is repeated.",
    ],
  },
  {
    name: "CarillonConsumersDown",
    expr: "sum by (queue) (carillon_consumers_configured) - sum by (queue) (carillon_consumers) > 0",
    for: "2m",
    severity: "page",
    summary: "{{ $value }} consumers of {{ $labels.queue }} are down",
    description: "The queue is slower, or stops if no consumer is left. Carillon restarts each consumer; read the reason in `GET /readyz`.",
    symptoms: "For two minutes, fewer consumers than configured were members of their group. `carillon lanes` shows how many are alive.",
    diagnosis: [
      "Read the reason in `GET /readyz` or in the log of the worker.",
      "`KAFKA_DENIED`: a permission (ACL) is missing, a password is wrong, or a setting of the broker forbids the request.",
      "`UNAVAILABLE`: a broker or the schema registry does not answer. Run `carillon doctor`.",
    ],
    resolution: [
      "Grant the permission, or fix the server. Carillon retries at least every 30 seconds and needs no restart.",
      "If the reason is neither of these, restart the worker and keep its log.",
    ],
  },
  {
    name: "CarillonDeadLetters",
    expr: grown("carillon_dead_letters_total", "stage, code", "1h"),
    for: "0m",
    severity: "ticket",
    summary: "{{ $value | humanize }} records of {{ $labels.stage }} became dead letters: {{ $labels.code }}",
    description: "Run `carillon dead-letters list`, fix the cause, then redrive or discard the dead letters.",
    symptoms: "A stage could not process a record.",
    diagnosis: [
      "Run `carillon dead-letters list`.",
      "Run `carillon dead-letters show ID`: it prints the stage, the error and the original bytes.",
    ],
    resolution: [
      "Look up the error code in [dead letters](dead-letters.md), and fix the cause.",
      "Then run `carillon dead-letters redrive --code …`, or `carillon dead-letters discard` with a reason.",
    ],
  },
  {
    name: "CarillonRecordsDeleted",
    expr: "sum(increase(carillon_records_deleted_total[15m])) > 0",
    for: "0m",
    severity: "page",
    summary: "Records were deleted before Carillon read them",
    description: "The messages of these records do not continue by themselves. Read the topic in the log, and run `carillon doctor`.",
    symptoms:
      "Retention, compaction or an operator deleted records that a queue had not read. The queue continued from the first record that was left.",
    diagnosis: [
      "Search the log for `RECORDS_DELETED`: the entry names the topic and the partition.",
      "Run `carillon doctor`: it lists topics whose settings delete records sooner than `topics.retentionMs`.",
      "Run `carillon lanes`: it shows the age of the queued records.",
    ],
    resolution: [
      "Run the `kafka-configs` command that `carillon doctor` prints.",
      "Add workers to the queue until the age of its oldest record falls.",
      "A message is affected if its deleted record was a request, a send or a receipt. It ends as expired, or by a later receipt, once its deadline has passed. Send it again if it is still wanted.",
    ],
  },
];
