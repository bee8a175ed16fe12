import type { Status } from "../../schemas/generated.js";
import type { LineageEntry, MessageDocument } from "../../stores/lineage-store/lineage-store.js";
import { createRandom, type Random } from "../../test/simulation/random.js";

/**
 * A generated history with a realistic shape: few senders send most messages, hours of the day differ, recipients recur, most messages are
 * delivered.
 */

const dayMs = 86_400_000;
export const historyDays = 30;
const seed = 20_261_122;

interface Kind {
  readonly template: string | null;
  readonly tenant: string;
  readonly channel: "sms" | "email" | "push";
  readonly lane: string;
  /** Relative frequency. */
  readonly weight: number;
  /** Whether its sender provides regions. */
  readonly regions: boolean;
}

const kinds: readonly Kind[] = [
  { template: "otp", tenant: "bank", channel: "sms", lane: "critical", weight: 22, regions: true },
  { template: "otp", tenant: "wallet", channel: "sms", lane: "critical", weight: 9, regions: true },
  { template: "card-blocked", tenant: "bank", channel: "sms", lane: "critical", weight: 1, regions: true },
  { template: "statement", tenant: "bank", channel: "email", lane: "bulk", weight: 7, regions: false },
  { template: "login-alert", tenant: "bank", channel: "push", lane: "high", weight: 6, regions: false },
  { template: "order-placed", tenant: "shop", channel: "email", lane: "high", weight: 9, regions: false },
  { template: "order-shipped", tenant: "shop", channel: "sms", lane: "normal", weight: 6, regions: true },
  { template: "order-shipped", tenant: "shop", channel: "push", lane: "normal", weight: 5, regions: false },
  { template: "offers", tenant: "shop", channel: "email", lane: "bulk", weight: 16, regions: false },
  { template: "offers", tenant: "shop", channel: "push", lane: "bulk", weight: 8, regions: false },
  { template: "ticket", tenant: "travel", channel: "email", lane: "high", weight: 3, regions: false },
  { template: "gate-change", tenant: "travel", channel: "push", lane: "critical", weight: 1, regions: false },
  { template: "reminder", tenant: "clinic", channel: "sms", lane: "normal", weight: 3, regions: true },
  { template: null, tenant: "clinic", channel: "email", lane: "normal", weight: 2, regions: false },
  { template: "digest", tenant: "news", channel: "email", lane: "bulk", weight: 2, regions: false },
];
const weights = kinds.reduce((sum, { weight }) => sum + weight, 0);

const regions = "MH UP KA TN KL DL WB GJ RJ TS AP MP PB HR BR OR AS JH UK HP".split(" ");
const countries = ["US", "AE", "SG", "GB", "DE", "SA", "CA", "AU", "QA", "KW"];
const providers = { sms: ["kaleyra", "twilio"], email: ["ses", "smtp"], push: ["sns", "sns-eu"] } as const;
const failures = ["recipient_rejected", "content_rejected", "attempts_exhausted", "endpoint_disabled", "account_rejected"];
/** Relative volume of each hour of the day, UTC: India is awake from 1 to 18. */
const hours = [2, 3, 5, 7, 9, 10, 9, 8, 8, 9, 10, 10, 9, 9, 8, 7, 5, 4, 3, 2, 1, 1, 1, 1];

/** Favors low indexes. */
const early = (random: Random, length: number): number => Math.floor(length * random.next() ** 2.2);

const kindOf = (random: Random): Kind => {
  let left = random.next() * weights;
  for (const kind of kinds) {
    left -= kind.weight;
    if (left <= 0) return kind;
  }
  return kinds[0] as Kind;
};

const hourOf = (random: Random): number => {
  let left = random.next() * hours.reduce((sum, weight) => sum + weight, 0);
  for (const [hour, weight] of hours.entries()) {
    left -= weight;
    if (left <= 0) return hour;
  }
  return 0;
};

/** Most latencies are similar, and a few are much longer. */
const latencyMs = (random: Random, median: number): number =>
  Math.round(median * Math.exp(1.1 * (random.next() + random.next() + random.next() - 1.5) * 1.6));

const stepsOf = (document: Omit<MessageDocument, "lineage">, tookMs: number): LineageEntry[] => {
  const at = document.acceptedAt.getTime();
  const { provider, attempts, status, reason, sentAt, finalAt } = document;
  const step = (stage: string, outcome: string, told: Status | null, afterMs: number, more: Partial<LineageEntry> = {}): LineageEntry => ({
    eventId: `${document._id}:${stage}:${more.attempt ?? 0}:${outcome}`,
    stage,
    outcome,
    status: told,
    reason: null,
    attempt: 0,
    at: new Date(at + afterMs),
    instance: "worker-1",
    provider: null,
    details: {},
    ...more,
  });
  const sentMs = sentAt ? sentAt.getTime() - at : 0;
  return [
    step("accept", "accepted", "accepted", 0),
    step("validate", "ok", "validated", 2),
    step("enrich", "ok", "enriched", 2, { details: document.expiresAt ? { expiresAt: document.expiresAt.toISOString() } : {} }),
    step("route", "ok", "queued", 2),
    ...Array.from({ length: attempts }, (_, index) =>
      step("dispatch", index + 1 < attempts ? "temporary_failure" : "ok", "dispatched", Math.round((sentMs * (index + 1)) / attempts), {
        attempt: index + 1,
        provider,
        details: { tookMs: String(tookMs), providerMessageId: `r-${document._id}` },
      }),
    ),
    ...(finalAt ? [step("feedback", status, status, finalAt.getTime() - at, { attempt: attempts, provider, reason })] : []),
  ];
};

const placeOf = (random: Random, { regions: told }: Kind): { readonly country: string; readonly region: string | null } => {
  if (random.chance(0.12)) return { country: countries[early(random, countries.length)] ?? "US", region: null };
  return { country: "IN", region: told ? `IN-${regions[early(random, regions.length)]}` : null };
};

const endOf = (random: Random, isRecent: boolean): { readonly status: Status; readonly reason: string | null } => {
  if (isRecent && random.chance(0.1)) return { status: "dispatched", reason: null };
  const chance = random.next();
  if (chance < 0.93) return { status: "delivered", reason: null };
  if (chance < 0.98) return { status: "failed", reason: failures[early(random, failures.length)] ?? "recipient_rejected" };
  return { status: "expired", reason: "no_receipt" };
};

const recipientOf = (random: Random, channel: Kind["channel"], country: string, people: number): string => {
  const person = early(random, people);
  if (channel === "sms") return country === "IN" ? `+9198${String(person).padStart(8, "0")}` : `+1415${String(person).padStart(7, "0")}`;
  return channel === "email" ? `person-${person}@example.com` : `arn:aws:sns:ap-south-1:123456789012:endpoint/GCM/app/${person}`;
};

/** A recipient's engagement with an email. */
const engagementOf = (random: Random, channel: Kind["channel"], status: Status): string[] => {
  if (channel !== "email" || status !== "delivered" || !random.chance(0.3)) return [];
  return random.chance(0.2) ? ["clicked", "opened"] : ["opened"];
};

const timesOf = (random: Random, kind: Kind, at: number, attempts: number, status: Status): Pick<MessageDocument, "sentAt" | "finalAt"> => {
  const sentAt = new Date(at + latencyMs(random, kind.lane === "bulk" ? 4_000 : 60) * attempts);
  if (status === "dispatched") return { sentAt, finalAt: null };
  const receiptMs = status === "expired" ? 3_600_000 : latencyMs(random, kind.channel === "sms" ? 3_500 : 900);
  return { sentAt, finalAt: new Date(sentAt.getTime() + receiptMs) };
};

const documentOf = (random: Random, index: number, count: number, untilMs: number): MessageDocument => {
  const kind = kindOf(random);
  const day = Math.floor(untilMs / dayMs) * dayMs - dayMs * Math.floor(random.next() * historyDays);
  const at = Math.min(
    day + hourOf(random) * 3_600_000 + Math.floor(random.next() * 3_600_000),
    untilMs - Math.floor(random.next() * 600_000),
  );
  const place = placeOf(random, kind);
  const { status, reason } = endOf(random, at > untilMs - 3_600_000);
  const attempts = random.chance(0.06) ? random.between(2, 5) : 1;
  const times = timesOf(random, kind, at, attempts, status);
  const [first, second] = providers[kind.channel];
  const costs: Record<string, number> = kind.channel === "sms" ? { INR: 12_500 * random.between(1, 2) } : {};
  const head = {
    _id: `01930000-${String(index).padStart(12, "0")}`,
    tenant: kind.tenant,
    channel: kind.channel,
    lane: kind.lane,
    to: recipientOf(random, kind.channel, place.country, Math.max(1_000, count / 12)),
    status,
    final: times.finalAt !== null,
    reason,
    attempts,
    provider: random.chance(0.85) ? first : second,
    template: kind.template,
    ...place,
    engagement: engagementOf(random, kind.channel, status),
    costs,
    acceptedAt: new Date(at),
    notBefore: null,
    updatedAt: times.finalAt ?? times.sentAt ?? new Date(at),
    ...times,
    expiresAt: new Date(at + dayMs),
    version: 3,
  };
  return { ...head, lineage: stepsOf(head, latencyMs(random, 90)) };
};

/** Messages of the thirty days before `untilMs`, in batches. Deterministic for the same arguments. */
export const history = function* (count: number, untilMs: number, batch: number): Generator<MessageDocument[]> {
  const random = createRandom(seed, "history");
  for (let from = 0; from < count; from += batch)
    yield Array.from({ length: Math.min(batch, count - from) }, (_, index) => documentOf(random, from + index, count, untilMs));
};
