import type { Alert } from "./alert.js";

/** Alerts about Carillon's processes, their servers and their clients. */
export const processAlerts: readonly Alert[] = [
  {
    name: "CarillonAuthenticationFailures",
    expr: 'sum by (kind) (increase(carillon_authentication_failures_total{kind!="missing"}[15m])) > 150',
    for: "1m",
    severity: "ticket",
    summary: "{{ $value | humanize }} wrong credentials ({{ $labels.kind }}) within 15 minutes",
    description: "A client uses an old key, or an attacker guesses keys. Find the address that the requests come from.",
    symptoms:
      "More than ten requests a minute carry a wrong key, session or callback authentication. Carillon answers them with 401 or 429.",
    diagnosis: [
      "Group `carillon_authentication_failures_total` by kind.",
      "Find the addresses in the log of the proxy in front of Carillon.",
    ],
    resolution: [
      "Client with an old key: give it the new key.",
      "Attacker: block the address at the proxy. `http.failedAuthenticationsPerMinute` slows guesses down.",
    ],
  },
  {
    name: "CarillonTimersLate",
    expr: "max(carillon_timers_overdue_seconds) > 60 or histogram_quantile(0.99, sum by (le) (rate(carillon_timer_lateness_seconds_bucket[10m]))) > 5",
    for: "2m",
    severity: "ticket",
    summary: "Timers are {{ $value | humanizeDuration }} late",
    description: "Retries and deadlines are late. Check Redis, and that a process runs with `runtime.timers`.",
    symptoms: "A due timer has not fired for more than a minute, or one timer in a hundred fires more than 5 seconds late.",
    diagnosis: [
      "Run `carillon doctor`, and read the line `timers`.",
      "Count the pods that run with `runtime.timers`.",
      "Check the latency of Redis.",
    ],
    resolution: ["Start workers with `runtime.timers`, or reduce the load on Redis. Late timers still fire, and none is lost."],
  },
  {
    name: "CarillonRetriedErrors",
    expr: "sum by (where) (rate(carillon_retried_errors_total[5m])) > 0.05",
    for: "2m",
    severity: "ticket",
    summary: "Work at {{ $labels.where }} fails and is retried",
    description: "A server does not answer, or answers with errors. Run `carillon doctor`, and read the log of the worker.",
    symptoms: "Batches or connections have failed more than 15 times within 5 minutes.",
    diagnosis: ["Run `carillon doctor`.", "Read the log of a worker: each entry names its server."],
    resolution: ["Restore the server. Carillon retries the batches, and commits nothing in the meantime."],
  },
  {
    name: "CarillonDiskFull",
    expr: "max by (folder) (carillon_disk_condition) > 0",
    for: "1m",
    severity: "page",
    summary: "The disk of {{ $labels.folder }} is full",
    description: "Carillon answers new messages with 503. Make room on the file system of the data folder.",
    symptoms: "`POST /v1/messages` answers 503 `disk full`, and `/readyz` is red. At `carillon_disk_condition` 2, all stages pause.",
    diagnosis: [
      "Run `carillon doctor`: it names the folder, its free bytes and its reserve.",
      "Run `du -x` to find the largest folders of the file system. The sandbox's outbox is in the data folder.",
    ],
    resolution: [
      "Make room, or enlarge the file system. Carillon continues by itself, and has lost no message that it accepted.",
      "To be warned earlier, raise `embedded.reserveBytes`.",
    ],
  },
  {
    name: "CarillonTenantsOutdated",
    expr: "max(carillon_tenants_age_seconds) > 60",
    for: "1m",
    severity: "page",
    summary: "A process has not read the tenants for {{ $value | humanizeDuration }}",
    description:
      "Changes of tenants have no effect in this process, and after 15 minutes it stops using the tenants that it read. Restore MongoDB.",
    symptoms: "The process cannot read the tenants, and uses the ones that it read last.",
    diagnosis: [
      "Group `carillon_tenants_age_seconds` by instance to find the process.",
      "Run `carillon doctor`: it names servers that do not answer.",
      "Read the log of the process: its entries at `tenants` name the error.",
    ],
    resolution: ["Restore MongoDB, or the network to it. The process then continues by itself."],
  },
  {
    name: "CarillonDown",
    expr: "absent(carillon_lag_records)",
    for: "4m",
    severity: "page",
    summary: "Prometheus receives no metrics from Carillon",
    description: "If no process runs, no message is sent. Check whether Carillon's processes run.",
    symptoms: "No process of Carillon reports metrics.",
    diagnosis: ["Run `kubectl get pods`.", "Read the first lines of the logs: a configuration error names each key."],
    resolution: ["Correct the keys that the log names.", "After a failed upgrade, run `helm rollback`."],
  },
];
