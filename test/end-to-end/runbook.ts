import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";
import { checkMessage } from "../../client/check-message.js";
import { createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import { createKafkajs } from "../../stores/event-log/kafka/kafkajs-client/kafkajs-producer.js";
import { topicResource } from "../../stores/event-log/kafka/topic-drifts.js";
import { namesOf } from "../../topology/names.js";
import { kafka, startBrokers } from "../servers/kafka.js";
import { folderOf } from "../servers/provision.js";
import { cleanEnvironment } from "../support/clean-environment.js";
import { eventually } from "../support/eventually.js";
import { answerJson, startHttpPeer } from "../support/http-peer.js";
import { readMetrics, type Sample } from "../support/metrics.js";
import { scratchFolder } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { type Delivery, type DeliveryOptions, startDelivery } from "./harness.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

const carillon = async ({ configFile }: Delivery, ...args: string[]): Promise<string> => {
  const { stdout } = await run(process.execPath, [join(root, "bin/carillon.js"), "--config", configFile, ...args], {
    env: { ...cleanEnvironment(), NO_COLOR: "1" },
    timeout: 60_000,
  });
  return stdout;
};

/** doctor's output, even if it reports problems. */
const doctorOf = (delivery: Delivery): Promise<string> => carillon(delivery, "doctor").catch(({ stdout }: { stdout: string }) => stdout);

type Labels = Readonly<Record<string, RegExp>>;

const valuesOf = async (delivery: Delivery, name: string, labels: Labels = {}): Promise<number[]> => {
  const samples = (await Promise.all(delivery.urls.map(readMetrics))).flat();
  const fits = (sample: Sample): boolean =>
    sample.name === name && Object.entries(labels).every(([label, pattern]) => pattern.test(sample.labels[label] ?? ""));
  return samples.filter(fits).map(({ value }) => value);
};

/** The largest value of the samples that match the labels, or their sum; 0 if there are none. */
const most = async (...asked: Parameters<typeof valuesOf>): Promise<number> => Math.max(0, ...(await valuesOf(...asked)));
const sum = async (...asked: Parameters<typeof valuesOf>): Promise<number> => (await valuesOf(...asked)).reduce((all, one) => all + one, 0);

const until = (ask: () => Promise<number>, accept: (value: number) => boolean): Promise<number> => eventually(ask, accept, 40_000, 200);

const sms = (lane: string, to = "+14155550100") => ({ channel: "sms", to, lane, content: { text: "Hi" } });

const allDelivered = async (delivery: Delivery, ids: readonly string[]): Promise<void> => {
  for (const id of ids) expect((await delivery.final(id, 40_000)).status).toBe("delivered");
};

/** A test server in a provider's place, and its configuration. */
const peerOf = async (answer: Parameters<typeof startHttpPeer>[0]) => {
  const peer = await startHttpPeer(answer);
  const ill = { type: "http", url: `${peer.url}/send`, fields: { to: "{{ to }}" } };
  return { peer, ill, sandbox: { receiptDelayMs: 100 } };
};

export interface Trial {
  readonly options: Partial<DeliveryOptions>;
  try(delivery: Delivery): Promise<void>;
}

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
  options: { config: { ...config, runtime: { only } } },
  try: async (delivery) => {
    const id = await delivery.send(sms(lane));
    await until(
      () => most(delivery, metric, { topic }),
      (age) => age > seconds,
    );
    expect(await carillon(delivery, "lanes")).toMatch(/[1-9]/);
    await delivery.reconfigure({ ...config, runtime: { only: [] } });
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

const routingSoon = { minCalls: 3, breaker: { failures: 3, openMs: 500, maxOpenMs: 1_000, probes: 1 } };

/**
 * For each alert: causes it, sees the metric beyond its bound, applies the resolution, and sees the metric back. Long bounds are shortened.
 */
export const trials: Readonly<Record<string, Trial>> = {
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
  CarillonProviderCircuitOpen: {
    options: {},
    try: async (delivery) => {
      const { peer, ill, sandbox } = await peerOf(answerJson(500, { error: "ill" }));
      try {
        const channels = { sms: { providers: ["ill"], retry: { baseMs: 300, jitter: 0 } } };
        const providers = { ill, sandbox };
        await delivery.reconfigure({ channels, providers, routing: routingSoon });
        const ids = await Promise.all(Array.from({ length: 5 }, (_, index) => delivery.send(sms("high", `+1415555010${index}`))));
        await until(
          () => most(delivery, "carillon_provider_breaker", { provider: /^ill$/ }),
          (state) => state === 2,
        );
        // if it recovers, nothing: it is tried again automatically
        peer.answers(answerJson(200, { id: "1" }));
        await allDelivered(delivery, ids);
        await until(
          () => most(delivery, "carillon_provider_breaker", { provider: /^ill$/ }),
          (state) => state === 0,
        );
        // otherwise another provider first
        peer.answers(answerJson(500, { error: "ill" }));
        await delivery.reconfigure({
          channels: { sms: { ...channels.sms, providers: ["sandbox", "ill"] } },
          providers,
          routing: routingSoon,
        });
        const id = await delivery.send(sms("high"));
        await allDelivered(delivery, [id]);
        expect((await delivery.view(id)).provider).toBe("sandbox");
      } finally {
        await peer.stop();
      }
    },
  },
  CarillonProviderFails: {
    options: {},
    try: async (delivery) => {
      const taken: number[] = [];
      const perSecond = 5;
      const { peer, ill, sandbox } = await peerOf((response, call) => {
        const now = Date.now();
        taken.push(now);
        const tooMany = taken.filter((at) => at > now - 1_000).length > perSecond;
        return answerJson(tooMany ? 429 : 200, { id: `${now}` }, tooMany ? { "retry-after": "1" } : {})(response, call);
      });
      try {
        const channels = { sms: { providers: ["ill"], retry: { baseMs: 300, jitter: 0.5 } } };
        const failed = () =>
          sum(delivery, "carillon_provider_seconds_count", { provider: /^ill$/, outcome: /^(?!accepted|delivered|permanent_failure)/ });
        const all = () => sum(delivery, "carillon_provider_seconds_count", { provider: /^ill$/ });
        const burst = async (): Promise<void> =>
          allDelivered(
            delivery,
            await Promise.all(Array.from({ length: 20 }, (_, index) => delivery.send(sms("high", `+141555501${10 + index}`)))),
          );
        await delivery.reconfigure({ channels, providers: { ill, sandbox } });
        await burst();
        expect((await failed()) / (await all())).toBeGreaterThan(0.1);
        // throttled: lower its rate
        await delivery.reconfigure({ channels, providers: { ill: { ...ill, limits: { perSecond: 3, burst: 1 } }, sandbox } });
        await burst();
        expect(await all()).toBe(20);
        expect(await failed()).toBe(0);
      } finally {
        await peer.stop();
      }
    },
  },
  CarillonDeadLetters: {
    options: {},
    try: async (delivery) => {
      const topic = `${delivery.config.topics.prefix}.requests.high`;
      await delivery.stores.log.append([{ topic, key: "k", value: Buffer.from("no message") }]);
      await until(
        () => sum(delivery, "carillon_dead_letters_total", { code: /^UNDECODABLE$/ }),
        (count) => count === 1,
      );
      expect(await carillon(delivery, "dead-letters", "list")).toContain("UNDECODABLE");
      expect(await carillon(delivery, "dead-letters", "discard", "--code", "UNDECODABLE", "--reason", "a trial")).toContain("1 discarded");
      expect(await carillon(delivery, "dead-letters", "list")).toContain("no dead letters");
    },
  },
  CarillonCallbacksRefused: {
    options: {},
    try: async (delivery) => {
      const { peer, sandbox } = await peerOf(answerJson(202, { data: [{ message_id: "k-1" }] }));
      try {
        process.env.CARILLON_TEST_RUNBOOK_OLD_TOKEN = "the old token of the runbook";
        process.env.CARILLON_TEST_RUNBOOK_NEW_TOKEN = "the new token of the runbook";
        const kaleyra = (token: string) => ({
          type: "kaleyra",
          url: peer.url,
          sid: "HX1",
          apiKey: `\${env:${token}}`,
          callback: { token: `\${env:${token}}` },
        });
        const configured = (token: string) => ({
          channels: { sms: { providers: ["kaleyra"] } },
          providers: { kaleyra: kaleyra(token), sandbox },
        });
        const report = async (): Promise<number> => {
          const url = `${delivery.urls[0]}/v1/callbacks/kaleyra?token=${encodeURIComponent("the new token of the runbook")}`;
          return (await fetch(url, { method: "POST", body: new URLSearchParams({ id: "k-1", status: "DELIVRD" }) })).status;
        };
        await delivery.reconfigure(configured("CARILLON_TEST_RUNBOOK_OLD_TOKEN"));
        const id = await delivery.send(sms("high"));
        await eventually(
          () => delivery.view(id),
          ({ status }) => status === "dispatched",
        );
        expect(await report()).toBe(401);
        expect(await sum(delivery, "carillon_callbacks_total", { status: /^4/, provider: /^kaleyra$/ })).toBe(1);
        await delivery.reconfigure(configured("CARILLON_TEST_RUNBOOK_NEW_TOKEN"));
        expect(await report()).toBe(204);
        await allDelivered(delivery, [id]);
      } finally {
        await peer.stop();
      }
    },
  },
  CarillonUnknownStates: {
    options: {},
    try: async (delivery) => {
      const { peer, ill, sandbox } = await peerOf(answerJson(202, { id: "u-1" }));
      try {
        const configured = (states: object) => ({
          channels: { sms: { providers: ["gateway"] } },
          providers: {
            gateway: {
              ...ill,
              answer: { id: "id" },
              receipt: { id: "id", state: "state", states },
              callback: { addresses: ["127.0.0.0/8"] },
            },
            sandbox,
          },
        });
        const report = async (): Promise<number> => {
          const body = JSON.stringify({ id: "u-1", state: "handed to the pigeon" });
          const headers = { "content-type": "application/json" };
          return (await fetch(`${delivery.urls[0]}/v1/callbacks/gateway`, { method: "POST", headers, body })).status;
        };
        await delivery.reconfigure(configured({ gone: { event: "permanent_failure" } }));
        const id = await delivery.send(sms("high"));
        await eventually(
          () => delivery.view(id),
          ({ status }) => status === "dispatched",
        );
        expect(await report()).toBe(204);
        await until(
          () => sum(delivery, "carillon_unknown_states_total", { provider: /^gateway$/ }),
          (count) => count === 1,
        );
        await delivery.reconfigure(configured({ "handed to the pigeon": { event: "delivered" } }));
        expect(await report()).toBe(204);
        await allDelivered(delivery, [id]);
        expect(await sum(delivery, "carillon_unknown_states_total", { provider: /^gateway$/ })).toBe(0);
      } finally {
        await peer.stop();
      }
    },
  },
  CarillonAuthenticationFailures: {
    options: {},
    try: async (delivery) => {
      process.env.CARILLON_TEST_RUNBOOK_OLD_KEY = "the-old-key-of-the-runbook";
      process.env.CARILLON_TEST_RUNBOOK_NEW_KEY = "the-new-key-of-the-runbook";
      const apiKeys = [{ key: "$" + "{env:CARILLON_TEST_RUNBOOK_NEW_KEY}", tenant: "acme" }];
      await delivery.reconfigure({ http: { port: 0, apiKeys } });
      const ask = async (variable: string): Promise<number> => {
        const headers = { authorization: `Bearer ${process.env[variable]}` };
        return (await fetch(`${delivery.urls[0]}/v1/messages/none`, { headers })).status;
      };
      const statuses = new Set<number>();
      for (let times = 0; times < 160; times += 1) statuses.add(await ask("CARILLON_TEST_RUNBOOK_OLD_KEY"));
      expect([...statuses].sort()).toEqual([401, 429]);
      expect(await sum(delivery, "carillon_authentication_failures_total", { kind: /^key$/ })).toBeGreaterThan(150);
      // a restart, for example of the client that gets its new key, clears the recorded failures
      await delivery.reconfigure({ http: { port: 0, apiKeys } });
      expect(await ask("CARILLON_TEST_RUNBOOK_NEW_KEY")).toBe(404);
      expect(await sum(delivery, "carillon_authentication_failures_total", { kind: /^key$/ })).toBe(0);
    },
  },
  CarillonTimersLate: {
    options: { config: { runtime: { expireListener: false } } },
    try: async (delivery) => {
      const id = await delivery.send(sms("high", "+14155550102"));
      await eventually(
        () => delivery.view(id),
        ({ attempts }) => attempts === 1,
      );
      await until(
        () => most(delivery, "carillon_timers_overdue_seconds"),
        (seconds) => seconds > 5,
      );
      expect((await delivery.view(id)).attempts).toBe(1);
      await delivery.reconfigure({ runtime: { expireListener: true } });
      await allDelivered(delivery, [id]);
      const [all, inTime] = [
        await sum(delivery, "carillon_timer_lateness_seconds_count"),
        await sum(delivery, "carillon_timer_lateness_seconds_bucket", { le: /^5$/ }),
      ];
      // that one was late; the records that followed from it were not
      expect(all - inTime).toBe(1);
    },
  },
  CarillonDiskFull: {
    options: {},
    try: async (delivery) => {
      // a reserve larger than any disk is reached at once
      await delivery.reconfigure({ embedded: { reserveBytes: 2 ** 50 } });
      await until(
        () => most(delivery, "carillon_disk_condition"),
        (condition) => condition > 0,
      );
      await expect(delivery.send(sms("high"))).rejects.toThrow(/503/);
      expect((await fetch(`${delivery.urls[0]}/healthz`)).status).toBe(200);
      await delivery.reconfigure({ embedded: { reserveBytes: 1_024 } });
      expect(await most(delivery, "carillon_disk_condition")).toBe(0);
      expect(await carillon(delivery, "doctor")).toMatch(/disk +[\d.]+ MiB free, 0.0 MiB reserved/);
      await allDelivered(delivery, [await delivery.send(sms("high"))]);
    },
  },
  CarillonGone: {
    options: {},
    try: async (delivery) => {
      const mistaken = { channels: { sms: { provider: ["sandbox"] } }, lanes: { high: { partitions: 0 } } };
      await expect(delivery.reconfigure(mistaken)).rejects.toThrow(
        /channels\.sms\.provider: unknown key[\s\S]*lanes\.high\.partitions|lanes\.high\.partitions[\s\S]*channels\.sms\.provider/,
      );
      await delivery.reconfigure({});
      await until(
        async () => (await valuesOf(delivery, "carillon_lag_records")).length,
        (samples) => samples > 0,
      );
      await allDelivered(delivery, [await delivery.send(sms("high"))]);
    },
  },
};

/** Trials that need a server, often an unavailable one. */
export const trialsOfServers: Readonly<Record<string, Trial>> = {
  CarillonConsumersDown: {
    options: { profile: "cluster" },
    try: async (delivery) => {
      const folder = scratchFolder();
      const [broker] = await startBrokers(folderOf(kafka), folder.path, 1, { javaOptions: ["-Xmx384m"] });
      const down = async (): Promise<number> =>
        (await sum(delivery, "carillon_consumers_configured")) - (await sum(delivery, "carillon_consumers"));
      try {
        await delivery.reconfigure({ kafka: { brokers: [broker?.address ?? ""], sessionTimeoutMs: 6_000 } });
        await until(down, (count) => count === 0);
        await broker?.signal("SIGSTOP");
        await until(down, (count) => count > 0);
        expect((await fetch(`${delivery.urls[0]}/readyz`)).status).toBe(503);
        await broker?.signal("SIGCONT");
        await until(down, (count) => count === 0);
        await allDelivered(delivery, [await delivery.send(sms("high"))]);
      } finally {
        await delivery.reconfigure({ kafka: { brokers: [serverAddress("KAFKA")] } });
        await broker?.stop();
        folder.remove();
      }
    },
  },
  CarillonRecordsDeleted: {
    options: { profile: "cluster" },
    try: async (delivery) => {
      const admin = createKafkajs({ brokers: [serverAddress("KAFKA")], clientId: "operator" }).admin();
      await admin.connect();
      try {
        await allDelivered(delivery, [await delivery.send(sms("high"))]);
        await delivery.kill("SIGTERM");
        const topic = namesOf(delivery.config).topicOf("requests.high");
        const keep = (value: string) =>
          admin.alterConfigs({
            validateOnly: false,
            resources: [{ type: topicResource, name: topic, configEntries: [{ name: "retention.ms", value }] }],
          });
        const accepter = createAccepter(delivery.assembly, "command line", delivery.stores.log, systemClock);
        const { message } = checkMessage(sms("high"));
        if (!message) throw new Error("the message is refused");
        await accepter.accept([message], "default");
        await keep("60000");
        const offsets = await admin.fetchTopicOffsets(topic);
        await admin.deleteTopicRecords({ topic, partitions: offsets.map(({ partition, high }) => ({ partition, offset: high })) });
        await delivery.reconfigure({});
        await until(
          () => sum(delivery, "carillon_records_deleted_total"),
          (count) => count > 0,
        );
        const [, command = ""] = /(kafka-configs .*)/.exec(await doctorOf(delivery)) ?? [];
        expect(command).toContain(`--entity-name ${topic} --add-config retention.ms=`);
        const needed = /retention\.ms=(\d+)/.exec(command)?.[1] ?? "";
        await keep(needed);
        expect(await doctorOf(delivery)).toContain("topic settings accept and retain all records");
        await allDelivered(delivery, [await delivery.send(sms("high"))]);
      } finally {
        await admin.disconnect();
      }
    },
  },
  CarillonTroubles: {
    options: { profile: "cluster" },
    try: async (delivery) => {
      const mongo = new URL(serverAddress("MONGO"));
      const proxy = await startTcpProxy(mongo.hostname, Number(mongo.port));
      try {
        const { database } = delivery.config.mongo;
        mongo.host = `${proxy.host}:${proxy.port}`;
        await delivery.reconfigure({ mongo: { url: mongo.href, database } });
        await allDelivered(delivery, [await delivery.send(sms("high"))]);
        await proxy.cut();
        const id = await delivery.send(sms("high", "+14155550107"));
        await until(
          () => sum(delivery, "carillon_troubles_total"),
          (count) => count > 0,
        );
        await proxy.mend();
        await allDelivered(delivery, [id]);
      } finally {
        await proxy.stop();
      }
    },
  },
};

export const tryOut = async ({ options, try: trial }: Trial): Promise<void> => {
  const delivery = await startDelivery({ profile: "embedded", guarantee: "at_least_once", processes: 1, ...options });
  try {
    await trial(delivery);
  } finally {
    await delivery.stop();
  }
};
