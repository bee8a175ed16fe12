import { rulesOf } from "../../channels/rules-of.js";
import type { Config } from "../../config/schema.js";
import type { Channel, MessageRequested } from "../../schemas/generated.js";
import { channels, lanes } from "../../schemas/vocabulary.js";
import { loadConfig } from "../../service/load-config.js";
import { namesOf } from "../../topology/names.js";
import { requestOf } from "../support/requests.js";
import type { Plan, PlannedMessage } from "./plan.js";
import type { Plant } from "./planted.js";

export const startMs = Date.UTC(2026, 0, 1);
export const drainMs = 5_000;
export const maxAttempts = 4;
export const sendTimeoutMs = 5_000;

/** Names of topics and groups, as configured. */
export const names = namesOf({ topics: loadConfig({ environment: {}, overrides: {} }).topics });

export const poison = (index: number): Buffer => Buffer.from(`poison ${index}`);

/** A mode that sends nothing twice cannot resend. */
export const onAmbiguousOf = ({ guarantee, onAmbiguous }: Plan["shape"]): "resend" | "hold" =>
  guarantee === "at_most_once" ? "hold" : onAmbiguous;

export const configOf = ({ shape }: Plan, plant: Plant | undefined, instance: string): Config => {
  const { partitions, guarantee, concurrency } = shape;
  const onAmbiguous = onAmbiguousOf(shape);
  const queue = { partitions, guarantee, concurrency, consumers: 1 };
  const channel = { receiptDeadlineMs: 600_000, expiresAfterMs: 1_200_000, retry: { maxAttempts, maxAgeMs: 900_000 } };
  return loadConfig({
    environment: {},
    overrides: {
      instance,
      lanes: Object.fromEntries(lanes.map((lane) => [lane, { ...queue, onAmbiguous }])),
      receipts: queue,
      lineage: { partitions, consumers: 1 },
      channels: Object.fromEntries(channels.map((name) => [name, channel])),
      delivery: { sendTimeoutMs },
      timers: { listener: shape.listener, sweepEveryMs: 60_000 },
      runtime: { drainMs, commitEveryMs: shape.commitEveryMs, maxBatchRecords: shape.maxBatchRecords, ...plant?.runtime },
    },
  });
};

const recipientOf = ({ channel, recipient }: PlannedMessage): string => {
  const recipients: Readonly<Partial<Record<Channel, string>>> = {
    email: `r${recipient}@example.org`,
    sms: `+1415555${String(100 + recipient).padStart(4, "0")}`,
    push: `device-${recipient}`,
  };
  return recipients[channel] ?? rulesOf(channel).sandbox.example;
};

export const messageIdOf = (index: number): string => `01980000-0000-7000-8000-${String(index).padStart(12, "0")}`;

export const requestFor = (planned: PlannedMessage, nowMs: number): MessageRequested => {
  const { channel, lane, index, fault, expiresAfterMs } = planned;
  const content = channel === "email" ? { subject: "Hello", text: "Hi" } : { text: "Hi" };
  return requestOf({ channel, lane, to: recipientOf(planned), content } as Parameters<typeof requestOf>[0], nowMs, {
    id: messageIdOf(index),
    ...(expiresAfterMs === null ? {} : { expiresAt: nowMs + expiresAfterMs }),
    ...(fault === "invalid" ? { to: "nobody at all" } : {}),
  });
};
