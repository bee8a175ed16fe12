import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CheckedMessage, checkMessage } from "../../client/check-message.js";
import type { Config } from "../../config/schema.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import type { Channel } from "../../schemas/generated.js";
import { startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import { type LineageReader, messageCollections } from "../../stores/lineage-store/lineage-store.js";
import { type Phase, phasedProviders, phaseFrom, type SlowAnswers, type Taken } from "./phased-providers.js";
import { tally, type UnhealthyProviderRun } from "./unhealthy-provider-tally.js";

export interface UnhealthyProviderWork extends SlowAnswers {
  readonly phases: readonly Phase[];
  /** Messages per second in each of the four streams. */
  readonly perSecond: number;
}

const tickMs = 100;
const slackMs = 90_000;

interface Stream {
  readonly name: string;
  readonly channel: Channel;
  readonly tenant: string;
  to(index: number): string;
}

const streams: readonly Stream[] = [
  { name: "email", channel: "email", tenant: "alone", to: (index) => `someone+${index}@example.com` },
  { name: "push", channel: "push", tenant: "alone", to: (index) => `device-${index}` },
  { name: "SMS with a second provider", channel: "sms", tenant: "pair", to: (index) => `+9198${String(10_000_000 + index)}` },
  { name: "SMS with the unhealthy provider alone", channel: "sms", tenant: "alone", to: (index) => `+9197${String(10_000_000 + index)}` },
];

const configOf = (dataDir: string, sendTimeoutMs: number): Config =>
  loadConfig({
    environment: {},
    overrides: {
      dataDir,
      http: { enabled: false },
      channels: {
        email: { from: "a@example.com", providers: ["smtp"] },
        // the phased providers replace the configured ones
        sms: {
          providers: ["ill"],
          routes: [{ tenant: "pair", providers: ["ill", "second"] }],
          retry: { baseMs: 500, maxDelayMs: 5_000, maxAttempts: 50 },
        },
      },
      providers: { ill: { type: "sandbox" }, second: { type: "sandbox" } },
      routing: { stallMs: 1_500, breaker: { failures: 5, openMs: 2_000, maxOpenMs: 8_000, probes: 3 } },
      delivery: { sendTimeoutMs, detachAfterMs: 500 },
    },
  });

/** Messages of a stream, with the numbers from `from` on. */
const batchOf = ({ channel, to }: Stream, from: number, count: number): CheckedMessage[] =>
  Array.from(
    { length: count },
    (_, index) => checkMessage({ channel, to: to(from + index), content: { subject: "Hello", text: "Hi there" } }).message,
  ).filter((message) => message !== undefined);

const untilFinal = async (lineage: LineageReader): Promise<void> => {
  const isOpen = async (): Promise<boolean> =>
    (await Promise.all(messageCollections.map((collection) => lineage.query(collection, { final: false }, { limit: 1 })))).flat().length >
    0;
  for (const end = Date.now() + slackMs; Date.now() < end && (await isOpen()); ) await systemClock.sleep(500);
};

/** Runs one Carillon on the embedded profile while one of its SMS providers becomes slow, fails, and recovers. */
export const runUnhealthyProvider = async (
  work: UnhealthyProviderWork,
  progress: (text: string) => void,
): Promise<UnhealthyProviderRun> => {
  const { phases, perSecond, slowMs, sendTimeoutMs } = work;
  const dataDir = mkdtempSync(join(tmpdir(), "carillon-ill-"));
  const begin = Date.now();
  const taken: Taken[] = [];
  const phaseAt = phaseFrom(begin, phases);
  const config = configOf(dataDir, sendTimeoutMs);
  const carillon = await startCarillon({
    config,
    logger: createLogger("silent", config.instance),
    providers: (configured) => ({ ...configured, ...phasedProviders(taken, phaseAt, work) }),
  });
  const { lineage, log } = carillon.stores;
  const accepter = createAccepter(carillon.assembly, "command line", log, systemClock);
  const ids: string[] = [];
  const totalMs = phases.reduce((sum, { forMs }) => sum + forMs, 0);
  const each = Math.max(1, Math.round((perSecond * tickMs) / 1_000));
  try {
    for (let tick = 0; tick * tickMs < totalMs; tick += 1) {
      await systemClock.sleep(Math.max(0, begin + tick * tickMs - Date.now()));
      for (const stream of streams) {
        const accepted = await accepter.accept(batchOf(stream, tick * each, each), stream.tenant);
        ids.push(...accepted.map(({ id }) => id));
      }
      progress(`${phaseAt(Date.now())}: ${Math.round((tick * tickMs) / 1_000)} of ${totalMs / 1_000} s`);
    }
    await untilFinal(lineage);
    // waits for messages that the slow provider accepts after their calls have timed out
    await systemClock.sleep(Math.max(0, begin + totalMs - Date.now()) + Math.min(slowMs, 5_000));
    return await tally(phases, begin, ids, taken, (id) => lineage.find(id));
  } finally {
    await carillon.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
};
