import { afterEach, expect, it } from "vitest";
import { kafkaClients } from "../../stores/event-log/event-log.js";
import { kafka, startBrokers } from "../servers/kafka.js";
import { folderOf } from "../servers/provision.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder, uniqueName } from "../support/scratch.js";
import { type Delivery, startDelivery } from "./harness.js";

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

const oneTimePassword = { channel: "sms", to: "+14155550100", lane: "critical", content: { text: "Your code is 492 113" } } as const;

const passes = async (delivery: Delivery): Promise<number> => {
  const begin = Date.now();
  await delivery.final(await delivery.send(oneTimePassword), 60_000);
  return Date.now() - begin;
};

it.each(kafkaClients)("by %s, a worker that was killed and starts again under its name sends within seconds", async (client) => {
  const delivery = await startDelivery({
    profile: "cluster",
    guarantee: "at_least_once",
    processes: 1,
    client,
    config: { instance: uniqueName("worker") },
  });
  undo.push(() => delivery.stop());
  await passes(delivery);
  await delivery.kill("SIGKILL");
  await delivery.restart();
  const silentMs = await passes(delivery);
  console.info(`${client}: ${silentMs} ms from the restart to the first delivery`);
  // the session of the former process lasts 10 s in the critical lane, and the group would wait for it
  expect(silentMs).toBeLessThan(8_000);
});

it.each(kafkaClients)("by %s, a worker sends again within seconds of its broker's return", async (client) => {
  const folder = scratchFolder();
  const [broker] = await startBrokers(folderOf(kafka), folder.path, 1, { javaOptions: ["-Xmx384m"] });
  undo.push(async () => {
    await broker?.stop();
    folder.remove();
  });
  const delivery = await startDelivery({
    profile: "cluster",
    guarantee: "at_least_once",
    processes: 1,
    client,
    config: { kafka: { client, brokers: [broker?.address ?? ""] } },
  });
  undo.unshift(() => delivery.stop());
  await passes(delivery);
  await broker?.signal("SIGKILL");
  // its consumers are down
  await eventually(
    async () => (await fetch(`${delivery.urls[0]}/readyz`)).status,
    (status) => status === 503,
    60_000,
  );
  await broker?.revive();
  const begin = Date.now();
  const send = (): Promise<string | undefined> => delivery.send(oneTimePassword).catch(() => undefined);
  const id = await eventually(send, (accepted) => accepted !== undefined, 60_000, 100);
  await delivery.final(id ?? "", 60_000);
  const silentMs = Date.now() - begin;
  console.info(`${client}: ${silentMs} ms from the broker's return to the first delivery`);
  // the sessions of all lanes last longer than that
  expect(silentMs).toBeLessThan(20_000);
});
