import { join } from "node:path";
import { expect } from "vitest";
import type { KafkaClientName } from "../../stores/event-log/event-log.js";
import { createKafkajs } from "../../stores/event-log/kafka/kafkajs-client/kafkajs-producer.js";
import { kafka, startBrokers } from "../servers/kafka.js";
import { folderOf } from "../servers/provision.js";
import { eventually } from "../support/eventually.js";
import { FaultyBroker } from "../support/faulty-broker.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../support/http-peer.js";
import { readMetrics } from "../support/metrics.js";
import { scratchFolder } from "../support/scratch.js";
import { type Delivery, startDelivery } from "./harness.js";

export const account = { username: "carillon", password: "carillon-secret" };
const operator = { username: "operator", password: "operator-secret" };
const secretIn = (variable: string): string => `\${env:${variable}}`;

/** A broker with accounts and permissions, behind a proxy that alters its answers, and a tenant's webhook. */
export const startServers = async () => {
  const folder = scratchFolder();
  const faulty = new FaultyBroker();
  await faulty.listen();
  const security = { accounts: [account, operator], superUsers: [operator.username] };
  const options = { javaOptions: ["-Xmx384m"], security, advertisedPort: faulty.port };
  const [broker] = await startBrokers(folderOf(kafka), join(folder.path, "kafka"), 1, options);
  const [host = "", port] = (broker?.address ?? "").split(":");
  faulty.passTo(host, Number(port));
  const address = `127.0.0.1:${faulty.port}`;
  const operators = createKafkajs({ brokers: [address], clientId: "operator", sasl: { mechanism: "plain", ...operator } });
  const hook = await startHttpPeer(answerJson(200, {}));
  const stop = async (): Promise<void> => {
    await hook.stop();
    await broker?.stop();
    folder.remove();
  };
  return { faulty, address, operators, hook, stop };
};

export type Servers = Awaited<ReturnType<typeof startServers>>;

export const startWorker = (client: KafkaClientName, { address, hook }: Servers): Promise<Delivery> => {
  process.env.CARILLON_TEST_KAFKA_PASSWORD = account.password;
  process.env.CARILLON_TEST_HOOK_SECRET = `whsec_${Buffer.from("a secret of the webhook's own").toString("base64")}`;
  const sasl = { ...account, mechanism: "plain", password: secretIn("CARILLON_TEST_KAFKA_PASSWORD") };
  return startDelivery({
    profile: "cluster",
    guarantee: "at_least_once",
    processes: 1,
    client,
    config: {
      kafka: { client, brokers: [address], sessionTimeoutMs: 6_000, sasl },
      channels: { push: { receiptDeadlineMs: 600_000 } },
      webhooks: {
        tenants: { local: { url: `${hook.url}/hook`, secret: secretIn("CARILLON_TEST_HOOK_SECRET") } },
        allowAddresses: ["127.0.0.0/8"],
      },
    },
  });
};

/** The number of missing consumers of each queue, as in the alert CarillonConsumersDown. */
export const missingOf = async ({ urls }: Delivery): Promise<Map<string, number>> => {
  const samples = await readMetrics(urls[0] ?? "");
  const sampleOf = (name: string, queue: string): number =>
    samples.find((sample) => sample.name === name && sample.labels.queue === queue)?.value ?? 0;
  const queues = samples.filter(({ name }) => name === "carillon_consumers_configured").map(({ labels }) => labels.queue ?? "");
  return new Map(queues.map((queue) => [queue, sampleOf("carillon_consumers_configured", queue) - sampleOf("carillon_consumers", queue)]));
};

const readiness = async ({ urls }: Delivery): Promise<{ status: number; body: string }> => {
  const answer = await fetch(`${urls[0]}/readyz`, { signal: AbortSignal.timeout(20_000) });
  return { status: answer.status, body: await answer.text() };
};

/** Waits until every queue has all its consumers, and the worker is ready. */
export const allLive = async (delivery: Delivery): Promise<void> => {
  await eventually(
    () => missingOf(delivery),
    (missing) => missing.size > 0 && [...missing.values()].every((count) => count === 0),
    90_000,
    250,
  );
  await eventually(
    () => readiness(delivery),
    ({ status }) => status === 200,
    30_000,
    250,
  );
};

/** Waits until no queue has all its consumers, and the public status gives the reason for each queue. */
export const allDown = async (delivery: Delivery, code: string): Promise<void> => {
  const missing = await eventually(
    () => missingOf(delivery),
    (counts) => counts.size > 0 && [...counts.values()].every((count) => count > 0),
    60_000,
    250,
  );
  await eventually(
    () => readiness(delivery),
    ({ status, body }) => status === 503 && [...missing.keys()].every((queue) => body.includes(`${queue} (${code}`)),
    60_000,
    250,
  );
};

const kinds = [
  { channel: "email", to: "flaky@sandbox.carillon.test", content: { subject: "Hi", text: "Hi" } },
  { channel: "sms", to: "+14155550100", content: { text: "Hi" } },
  { channel: "push", to: "device-success", content: { title: "Hi", text: "Hi" } },
] as const;

/** Sends one message per channel and lane, so that each queue has work. */
export const sendAll = (delivery: Delivery): Promise<string[]> => {
  const lanes = ["critical", "high", "normal", "bulk"] as const;
  return Promise.all(kinds.flatMap((kind) => lanes.map((lane) => delivery.send({ ...kind, lane }))));
};

/** Waits until all messages are delivered, and the webhook has received each. */
export const allDelivered = async (delivery: Delivery, hook: HttpPeer, ids: readonly string[]): Promise<void> => {
  for (const id of ids) expect((await delivery.final(id, 90_000)).status).toBe("delivered");
  const told = (): Set<string> =>
    new Set(hook.calls.map(({ body }) => (JSON.parse(body) as { data?: { messageId?: string } }).data?.messageId ?? ""));
  await eventually(told, (messages) => ids.every((id) => messages.has(id)), 60_000);
};
