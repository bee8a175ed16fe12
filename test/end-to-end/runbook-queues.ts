import { expect } from "vitest";
import { allDelivered, carillon, most, sms, type Trial, until } from "./runbook-trial.js";

interface Unworked {
  /** Queues that have workers. */
  readonly only: readonly string[];
  readonly topic: RegExp;
  readonly lane: string;
  readonly seconds: number;
  readonly metric?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** One kind of queue has no workers, so the age of its oldest record grows. With workers it falls. */
const withoutWorkers = ({ only, topic, lane, seconds, metric = "carillon_lag_seconds", config = {} }: Unworked): Trial => ({
  options: { config: { ...config, runtime: { queues: only } } },
  try: async (delivery) => {
    const id = await delivery.send(sms(lane));
    await until(
      () => most(delivery, metric, { topic }),
      (age) => age > seconds,
    );
    expect(await carillon(delivery, "lanes")).toMatch(/[1-9]/);
    await delivery.reconfigure({ ...config, runtime: { queues: [] } });
    await allDelivered(delivery, [id]);
    await until(
      () => most(delivery, metric, { topic }),
      (age) => age === 0,
    );
  },
});

/** A webhook whose receiver is down: no server listens on the discard port of loopback. */
const announced = (): Readonly<Record<string, unknown>> => {
  process.env.CARILLON_TEST_RUNBOOK_WEBHOOK = `whsec_${Buffer.from("a secret of the runbook's test").toString("base64")}`;
  const local = { url: "http://127.0.0.1:9/hook", secret: `\${env:CARILLON_TEST_RUNBOOK_WEBHOOK}` };
  return { webhooks: { tenants: { local }, allowAddresses: ["127.0.0.0/8"] } };
};

/** Trials of the alerts about late queues. */
export const queueTrials: Readonly<Record<string, Trial>> = {
  CarillonCriticalLate: withoutWorkers({
    only: ["intake/*", "respond/*", "record/*"],
    topic: /\.critical$/,
    lane: "critical",
    seconds: 10,
  }),
  CarillonLaneLate: withoutWorkers({ only: ["intake/*", "respond/*", "record/*"], topic: /\.normal$/, lane: "normal", seconds: 3 }),
  CarillonBulkLate: withoutWorkers({ only: ["intake/*", "respond/*", "record/*"], topic: /\.bulk$/, lane: "bulk", seconds: 3 }),
  CarillonReceiptsLate: withoutWorkers({
    only: ["intake/*", "dispatch/*", "record/*"],
    topic: /\.receipts\.sms$/,
    lane: "high",
    seconds: 3,
  }),
  CarillonFeedbackLate: withoutWorkers({
    only: ["intake/*", "dispatch/*", "respond/*", "record/*"],
    topic: /\.feedback$/,
    lane: "high",
    seconds: 3,
    config: announced(),
  }),
  CarillonLineageLate: withoutWorkers({ only: ["intake/*", "dispatch/*", "respond/*"], topic: /\.lineage$/, lane: "high", seconds: 3 }),
  CarillonQueueStuck: withoutWorkers({
    only: ["intake/*", "respond/*", "record/*"],
    topic: /\.dispatch\.sms\.high$/,
    lane: "high",
    seconds: 5,
    metric: "carillon_queue_stalled_seconds",
  }),
};
