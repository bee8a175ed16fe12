import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkMessage } from "../../client/check-message.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Channel } from "../../schemas/generated.js";
import { startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import { messageCollections } from "../../stores/lineage-store/lineage-store.js";

/** The phases of the unhealthy provider, in order. */
export interface Phase {
  readonly name: "well" | "slow" | "failing" | "well again";
  readonly forMs: number;
}

export interface IllProviderWork {
  readonly phases: readonly Phase[];
  /** Messages per second in each of the four streams. */
  readonly perSecond: number;
  /** How long the slow provider takes to answer. It accepts the message although the call has timed out. */
  readonly slowMs: number;
  readonly sendTimeoutMs: number;
}

/** One accepted call. */
interface Taken {
  readonly messageId: string;
  readonly by: string;
  readonly stream: string;
  readonly atMs: number;
}

export interface IllProviderRun {
  /** Messages that each stream's providers accepted in each second since the start. */
  readonly series: ReadonlyMap<string, readonly (readonly [second: number, taken: number])[]>;
  /** Rate of the channels with healthy providers while the other is unhealthy, relative to the rate before. */
  readonly othersShare: number;
  readonly accepted: number;
  readonly lost: number;
  readonly open: number;
  /** Sent more than once after a timeout with an unknown outcome. */
  readonly twiceAmbiguous: number;
  /** Sent more than once without such a reason. */
  readonly twice: number;
  readonly failedOver: number;
  readonly waited: number;
}

const tickMs = 100;
const slackMs = 90_000;

const streams: readonly { readonly name: string; readonly channel: Channel; readonly tenant: string; to(index: number): string }[] = [
  { name: "email", channel: "email", tenant: "alone", to: (index) => `someone+${index}@example.com` },
  { name: "push", channel: "push", tenant: "alone", to: (index) => `device-${index}` },
  { name: "SMS with a second provider", channel: "sms", tenant: "pair", to: (index) => `+9198${String(10_000_000 + index)}` },
  { name: "SMS with the unhealthy provider alone", channel: "sms", tenant: "alone", to: (index) => `+9197${String(10_000_000 + index)}` },
];

/** A stream's name in the chart. */
export const lineOf = (tenant: string, provider: string): string =>
  tenant === "alone"
    ? "SMS, no second: by the unhealthy provider"
    : `SMS, with a second: by ${provider === "ill" ? "the unhealthy provider" : "the second"}`;

const delivered: SendOutcome = { kind: "delivered", responseId: null };

/** Runs one Carillon on the embedded profile while one of its SMS providers becomes slow, fails, and recovers. */
export const runIllProvider = async (work: IllProviderWork, progress: (text: string) => void): Promise<IllProviderRun> => {
  const { phases, perSecond, slowMs, sendTimeoutMs } = work;
  const dataDir = mkdtempSync(join(tmpdir(), "carillon-ill-"));
  const begin = Date.now();
  const taken: Taken[] = [];
  const phaseAt = (atMs: number): Phase["name"] => {
    let end = begin;
    for (const { name, forMs } of phases) {
      end += forMs;
      if (atMs < end) return name;
    }
    return "well again";
  };
  const config = loadConfig({
    environment: {},
    overrides: {
      dataDir,
      http: { enabled: false },
      channels: {
        email: { from: "a@example.com", providers: ["smtp"] },
        // the providers below replace the configured ones
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
  const note = (by: string, stream: string, messageId: string): void => {
    taken.push({ messageId, by, stream, atMs: Date.now() });
  };
  const well = (name: string, channel: Channel): Provider => ({
    name,
    channel,
    send: async ({ messageId, tenant }) => {
      note(name, channel === "sms" ? lineOf(tenant, name) : channel, messageId);
      return delivered;
    },
    check: async () => name,
    close: async () => undefined,
  });
  const ill: Provider = {
    ...well("ill", "sms"),
    send: async ({ messageId, tenant }, { signal }) => {
      const phase = phaseAt(Date.now());
      if (phase === "failing") return { kind: "temporary_failure", reason: "provider_unavailable", detail: "503 of the benchmark" };
      const take = (): void => note("ill", lineOf(tenant, "ill"), messageId);
      if (phase === "slow") {
        setTimeout(take, slowMs).unref();
        return new Promise((resolve) => {
          const timeout = (): void =>
            resolve({ kind: "ambiguous", reason: "provider_timeout", detail: `no answer within ${sendTimeoutMs} ms` });
          setTimeout(timeout, Math.min(slowMs, sendTimeoutMs)).unref();
          signal?.addEventListener("abort", timeout, { once: true });
        });
      }
      take();
      return delivered;
    },
  };
  const carillon = await startCarillon({
    config,
    logger: createLogger("silent", config.instance),
    providers: (configured) => ({
      ...configured,
      email: [well("smtp", "email")],
      push: [well("sandbox", "push")],
      sms: [ill, well("second", "sms")],
    }),
  });
  const accepter = createAccepter(carillon.assembly, "command line", carillon.stores.log, systemClock);
  const ids: string[] = [];
  const totalMs = phases.reduce((sum, { forMs }) => sum + forMs, 0);
  const each = Math.max(1, Math.round((perSecond * tickMs) / 1_000));
  try {
    for (let tick = 0; tick * tickMs < totalMs; tick += 1) {
      await systemClock.sleep(Math.max(0, begin + tick * tickMs - Date.now()));
      for (const { channel, tenant, to } of streams) {
        const batch = Array.from(
          { length: each },
          (_, index) => checkMessage({ channel, to: to(tick * each + index), content: { subject: "Hello", text: "Hi there" } }).message,
        ).filter((message) => message !== undefined);
        ids.push(...(await accepter.accept(batch, tenant)).map(({ id }) => id));
      }
      progress(`${phaseAt(Date.now())}: ${Math.round((tick * tickMs) / 1_000)} of ${totalMs / 1_000} s`);
    }
    const isOpen = async (): Promise<boolean> =>
      (
        await Promise.all(messageCollections.map((collection) => carillon.stores.lineage.query(collection, { final: false }, { limit: 1 })))
      ).flat().length > 0;
    for (const end = Date.now() + slackMs; Date.now() < end && (await isOpen()); ) await systemClock.sleep(500);
    // waits for messages that the slow provider accepts after their calls have timed out
    await systemClock.sleep(Math.max(0, begin + totalMs - Date.now()) + Math.min(slowMs, 5_000));
    return await tally(work, begin, ids, taken, (id) => carillon.stores.lineage.find(id));
  } finally {
    await carillon.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
};

type Find = Awaited<ReturnType<typeof startCarillon>>["stores"]["lineage"]["find"];

/** The fate of one message, as names that can be counted. */
const fateOf = (document: Awaited<ReturnType<Find>>, sends: number): readonly (keyof Counts)[] => {
  const outcomes = new Set(document?.lineage.map(({ stage, outcome }) => `${stage} ${outcome}`));
  const ambiguous = outcomes.has("dispatch ambiguous");
  const holds: Readonly<Record<keyof Counts, boolean>> = {
    lost: sends === 0,
    open: document?.final !== true,
    twiceAmbiguous: sends > 1 && ambiguous,
    twice: sends > 1 && !ambiguous,
    failedOver: outcomes.has("retry failed_over"),
    waited: outcomes.has("dispatch waits"),
  };
  return (Object.keys(holds) as (keyof Counts)[]).filter((name) => holds[name]);
};

type Counts = Pick<IllProviderRun, "lost" | "open" | "twice" | "twiceAmbiguous" | "failedOver" | "waited">;

/** Excludes the start, which is not representative. */
const warmUpMs = 2_000;

const tally = async (
  { phases }: IllProviderWork,
  begin: number,
  ids: readonly string[],
  taken: readonly Taken[],
  find: Find,
): Promise<IllProviderRun> => {
  const sends = new Map<string, number>();
  for (const { messageId } of taken) sends.set(messageId, (sends.get(messageId) ?? 0) + 1);
  const fates = (await Promise.all(ids.map(async (id) => fateOf(await find(id), sends.get(id) ?? 0)))).flat();
  const count = (name: keyof Counts): number => fates.filter((fate) => fate === name).length;
  const [first] = phases;
  const illUntil = phases.slice(0, -1).reduce((sum, { forMs }) => sum + forMs, 0);
  const others = taken.filter(({ stream }) => stream === "email" || stream === "push").map(({ atMs }) => atMs - begin);
  const rate = (fromMs: number, toMs: number): number => others.filter((ms) => ms >= fromMs && ms < toMs).length / (toMs - fromMs);
  const seconds = Math.ceil(Math.max(...taken.map(({ atMs }) => atMs - begin)) / 1_000);
  const seriesOf = (name: string): [number, number][] => {
    const own = taken.filter(({ stream }) => stream === name).map(({ atMs }) => Math.floor((atMs - begin) / 1_000));
    return Array.from({ length: seconds + 1 }, (_, second) => [second, own.filter((one) => one === second).length]);
  };
  return {
    series: new Map([...new Set(taken.map(({ stream }) => stream))].sort().map((name) => [name, seriesOf(name)])),
    othersShare: rate(first?.forMs ?? 0, illUntil) / rate(warmUpMs, first?.forMs ?? 0),
    accepted: ids.length,
    lost: count("lost"),
    open: count("open"),
    twice: count("twice"),
    twiceAmbiguous: count("twiceAmbiguous"),
    failedOver: count("failedOver"),
    waited: count("waited"),
  };
};
