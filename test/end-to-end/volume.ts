import { describe, expect, it } from "vitest";
import { type CheckedMessage, checkMessage } from "../../client/check-message.js";
import { channels, lanes } from "../../schemas/vocabulary.js";
import { createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import { type MessageDocument, messageCollections } from "../../stores/lineage-store/lineage-store.js";
import { eventually } from "../support/eventually.js";
import { countsOf, rollupFaults } from "../support/rollups.js";
import { type Delivery, type DeliveryOptions, startDelivery } from "./harness.js";

export interface VolumeOptions extends DeliveryOptions {
  readonly messages: number;
  /** Kills every process half-way with SIGKILL, then restarts them. */
  readonly killInTheMiddle?: boolean;
  readonly timeoutMs: number;
}

const batch = 500;
/**
 * Deadlines far longer than a slow machine needs: any timeout, wait or expiry here would be a fault. After workers are killed, their claims
 * delay messages for that long.
 */
const patient = ({ killInTheMiddle }: VolumeOptions) => ({
  delivery: { sendTimeoutMs: killInTheMiddle ? 2_000 : 60_000 },
  channels: Object.fromEntries(channels.map((channel) => [channel, { receiptDeadlineMs: 600_000, retry: { baseMs: 150, jitter: 0.1 } }])),
});

/** Distinct recipients, so that nothing waits for another's order. One in five is flaky. */
const recipient = (channel: string, index: number): string => {
  const flaky = index % 5 === 0;
  if (channel === "email") return `${flaky ? "flaky" : "success"}+${index}@sandbox.carillon.test`;
  if (channel === "sms") return `+9198${String(index % 10_000).padStart(4, "0")}${flaky ? "0102" : "0100"}`;
  return `device-${index}-${flaky ? "flaky" : "success"}`;
};

const messageOf = (index: number): CheckedMessage => {
  const channel = channels[index % channels.length] ?? "email";
  const lane = lanes[Math.floor(index / channels.length) % lanes.length];
  const { message, errors } = checkMessage({
    channel,
    lane,
    to: recipient(channel, index),
    content: { subject: `Number ${index}`, title: "Hello", text: `Hello, this is message ${index}` },
  });
  if (!message) throw new Error(JSON.stringify(errors));
  return message;
};

const acceptAll = async (delivery: Delivery, tenant: string, from: number, to: number): Promise<string[]> => {
  const accepter = createAccepter(delivery.assembly, "command line", delivery.stores.log, systemClock);
  const ids: string[] = [];
  for (let start = from; start < to; start += batch) {
    const messages = Array.from({ length: Math.min(batch, to - start) }, (_, index) => messageOf(start + index));
    ids.push(...(await accepter.accept(messages, tenant)).map(({ id }) => id));
  }
  return ids;
};

/** Read from the rollups, which are small: observing must not slow down the run. */
const finalCount = async (delivery: Delivery, tenant: string): Promise<number> => {
  const { statuses } = await countsOf(delivery.stores.lineage, { tenant });
  return (statuses.delivered ?? 0) + (statuses.failed ?? 0) + (statuses.expired ?? 0);
};

/** Problems of a document's lineage. `exact`: without the steps that a crash repeats. */
const faultsOf = (document: MessageDocument, exact: boolean): string[] => {
  const faults: string[] = [];
  // a call that took longer than its stage may records a wait, which is not a separate step
  const steps = document.lineage
    .filter(({ outcome }) => outcome !== "deferred")
    .map(({ stage, outcome, attempt }) => `${stage} ${attempt} ${outcome}`);
  const finals = document.lineage.filter(({ status }) => status !== null && ["delivered", "failed", "expired"].includes(status));
  if (finals.length !== 1) faults.push(`${finals.length} final steps`);
  if (!document.final || document.status !== "delivered") faults.push(`status ${document.status}`);
  const times = document.lineage.map(({ at }) => at.getTime());
  if (times.some((time, index) => time < (times[index - 1] ?? 0))) faults.push("not in order of time");
  const flaky = document.to?.startsWith("flaky") || document.to?.endsWith("0102") || document.to?.endsWith("flaky");
  const attempts = flaky ? 3 : 1;
  const needed = ["accept 0 accepted", "validate 0 ok", "enrich 0 ok", "route 0 ok"];
  for (let attempt = 1; attempt < attempts; attempt += 1) {
    needed.push(`dispatch ${attempt} temporary_failure`, `retry ${attempt} scheduled`);
  }
  needed.push(`dispatch ${attempts} ok`, `response_handle ${attempts} delivered`, `feedback ${attempts} delivered`);
  for (const step of needed) if (!steps.includes(step)) faults.push(`lacks ${step}`);
  if (exact && steps.length !== needed.length) faults.push(`${steps.length} steps instead of ${needed.length}`);
  if (exact && steps.join() !== needed.join()) faults.push(`other order: ${steps.join(", ")}`);
  return faults;
};

const documentsOf = async (delivery: Delivery, tenant: string, most: number): Promise<MessageDocument[]> =>
  (
    await Promise.all(messageCollections.map((collection) => delivery.stores.lineage.query(collection, { tenant }, { limit: most })))
  ).flat();

/**
 * Counts are written before the documents they count, and processes send their steps at different times, so missing data may still arrive.
 */
const verify = async (delivery: Delivery, tenant: string, ids: readonly string[], exact: boolean): Promise<void> => {
  await eventually(
    async () => {
      const documents = await documentsOf(delivery, tenant, ids.length + 1);
      expect(new Set(documents.map(({ _id }) => _id))).toEqual(new Set(ids));
      return documents
        .map((document) => ({ id: document._id, faults: faultsOf(document, exact) }))
        .filter(({ faults }) => faults.length > 0);
    },
    (faulty) => faulty.length === 0,
    15_000,
    1_000,
  );
  expect(await countsOf(delivery.stores.lineage, { tenant })).toMatchObject({ messages: ids.length, statuses: { delivered: ids.length } });
};

/** The messages that are still open, and whether the counts equal the documents, to show which of the two is wrong. */
const tellOf = async (delivery: Delivery, tenant: string, most: number): Promise<string> => {
  const open = (await documentsOf(delivery, tenant, most)).filter(({ final }) => !final);
  const steps = open
    .slice(0, 5)
    .map(({ _id, lineage }) => `${_id}: ${lineage.map(({ stage, attempt, outcome }) => `${stage} ${attempt} ${outcome}`).join(", ")}`);
  const faults = await rollupFaults(delivery.stores.lineage, { tenant });
  return [`${open.length} documents are open`, ...steps, `${faults.length} faults of rollups`, ...faults.slice(0, 10)].join("\n");
};

const untilAllFinal = async (delivery: Delivery, tenant: string, { messages, timeoutMs }: VolumeOptions): Promise<void> => {
  try {
    await eventually(
      () => finalCount(delivery, tenant),
      (count) => count >= messages,
      timeoutMs,
      250,
    );
  } catch (error) {
    throw new Error(await tellOf(delivery, tenant, messages + 1), { cause: error });
  }
};

/** Many messages over all lanes and channels, a fifth of which fail temporarily: each ends in exactly one final status. */
export const describeVolume = (options: VolumeOptions): void => {
  const what = options.killInTheMiddle ? ", killed in the middle" : "";
  describe(`${options.messages} messages, ${options.profile} profile, ${options.guarantee}${what}`, () => {
    it(
      "ends each in exactly one final status, its lineage complete and in order",
      async () => {
        const delivery = await startDelivery({ ...options, config: { ...patient(options), ...options.config } });
        const tenant = `volume-${Date.now()}`;
        try {
          const begin = Date.now();
          const half = Math.floor(options.messages / 2);
          const ids = await acceptAll(delivery, tenant, 0, half);
          if (options.killInTheMiddle) {
            await eventually(
              () => finalCount(delivery, tenant),
              (count) => count > 0,
              60_000,
            );
            for (let index = 0; index < options.processes; index += 1) await delivery.kill("SIGKILL", index);
          }
          ids.push(...(await acceptAll(delivery, tenant, half, options.messages)));
          const acceptedMs = Date.now() - begin;
          if (options.killInTheMiddle) await delivery.restart();
          await untilAllFinal(delivery, tenant, options);
          const spentMs = Date.now() - begin;
          await verify(delivery, tenant, ids, !options.killInTheMiddle);
          const rate = Math.round((options.messages / spentMs) * 1_000);
          process.stderr.write(
            `\n${options.messages} messages, ${options.profile}, ${options.guarantee}${what}: accepted in ${(acceptedMs / 1_000).toFixed(1)} s, all final in ${(spentMs / 1_000).toFixed(1)} s (${rate}/s)\n`,
          );
        } finally {
          await delivery.stop();
        }
      },
      options.timeoutMs + 120_000,
    );
  });
};
