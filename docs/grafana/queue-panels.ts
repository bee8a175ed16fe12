import { type PanelOptions, selected } from "./panel.js";

/** Backlog of the queues, timers, and the disk that new messages need. */
export const queuePanels: readonly PanelOptions[] = [
  {
    title: "Oldest record by topic",
    doc: "Age of the oldest queued record in each topic. If a lane's age grows, it needs more consumers, or a provider with more capacity.",
    unit: "s",
    queries: [{ expr: `max by (topic) (carillon_lag_seconds${selected})`, legend: "{{topic}}" }],
  },
  {
    title: "Queue depth by topic",
    doc: "Records that are queued in each topic, for each consumer group.",
    unit: "short",
    queries: [{ expr: `max by (topic, group) (carillon_lag_records${selected})`, legend: "{{topic}} ({{group}})" }],
  },
  {
    title: "Time without progress",
    doc: "How long a partition of the topic has held records without a commit. Above three minutes, its worker is stuck or gone.",
    unit: "s",
    queries: [{ expr: `max by (topic, group) (carillon_queue_stalled_seconds${selected})`, legend: "{{topic}} ({{group}})" }],
  },
  {
    title: "Oldest record by partition (top 5)",
    doc: "Age of the oldest queued record in the five partitions that are furthest behind. One partition alone points to one slow recipient, or to a stuck worker. All partitions of a topic point to too few workers.",
    unit: "s",
    queries: [
      {
        expr: `topk(5, max by (topic, partition) (carillon_partition_lag_seconds${selected}))`,
        legend: "{{topic}} {{partition}}",
      },
    ],
  },
  {
    title: "Queue depth by partition (top 5)",
    doc: "Queued records in the five partitions that have the most.",
    unit: "short",
    queries: [
      {
        expr: `topk(5, max by (topic, partition) (carillon_partition_lag_records${selected}))`,
        legend: "{{topic}} {{partition}}",
      },
    ],
  },
  {
    title: "Overdue timers",
    doc: "How long the oldest due timer has not fired. Retries and deadlines are late by the same time.",
    unit: "s",
    queries: [{ expr: `max(carillon_timers_overdue_seconds${selected})`, legend: "oldest" }],
  },
  {
    title: "Free disk space",
    doc: "Free bytes on the file system of the embedded store, and its reserve. Below the reserve, Carillon accepts no new messages.",
    unit: "bytes",
    queries: [
      { expr: `min by (folder) (carillon_disk_free_bytes${selected})`, legend: "{{folder}} free" },
      { expr: `max by (folder) (carillon_disk_reserve_bytes${selected})`, legend: "{{folder}} reserve" },
    ],
  },
];
