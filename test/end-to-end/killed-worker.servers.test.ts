import { afterEach, expect, it } from "vitest";
import { kafkaClients } from "../../stores/event-log/event-log.js";
import { uniqueName } from "../support/scratch.js";
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
  // the session of its former self lasts 10 s in the critical lane, and the group would wait for it
  expect(silentMs).toBeLessThan(8_000);
});
