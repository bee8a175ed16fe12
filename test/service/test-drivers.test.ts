import { expect, it } from "vitest";
import { createTopology } from "../../engine/builder.js";
import { queueSet } from "../../engine/queue.js";
import type { TopicFamily } from "../../engine/topic-family.js";
import { CarillonError } from "../../schemas/errors.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { createGraphTestDriver } from "../../service/graph-test-driver.js";

interface Tick {
  readonly id: string;
}

const family = (name: string): TopicFamily<Tick> => ({
  name,
  record: { name: "Tick", schema: { type: "record", name: "Tick", fields: [{ name: "id", type: "string" }] }, key: ({ id }) => id },
  members: [{ name, partitions: 2 }],
  select: () => name,
});

/** Passes ticks on, a second later; one of them it cannot. */
const createClockGraph = () => {
  const topology = createTopology("clock");
  const ticks = topology.topics(family("ticks"));
  const tocks = topology.topics(family("tocks"));
  topology.source("hand", ticks);
  topology
    .subTopology(queueSet("swing", ticks))
    .through<void, { tocks: Tick }>({
      name: "pendulum",
      ports: ["tocks"],
      timers: ["tocks"],
      process: (tick, { now, schedule }) => {
        if (tick.id === "rust") throw new CarillonError("STAGE_FAILED", "it is stuck");
        schedule("tocks", tick, { id: tick.id, dueAtMs: now() + 1_000 });
      },
    })
    .to({ tocks });
  topology.reader("bell", tocks);
  return { graph: topology.build(), ticks, tocks };
};

it("the driver of graphs runs them on its clock, through codecs of their records", async () => {
  const { graph, ticks, tocks } = createClockGraph();
  const driver = await createGraphTestDriver(graph);
  await driver.pipe(ticks, { id: "one" });
  expect(await driver.read(tocks)).toEqual([]);
  await driver.advance(1_000);
  expect(await driver.read(tocks)).toEqual([{ id: "one" }]);
});

it("the driver of graphs rejects with what a stage throws", async () => {
  const { graph, ticks } = createClockGraph();
  const driver = await createGraphTestDriver(graph);
  await expect(driver.pipe(ticks, { id: "rust" })).rejects.toThrow("it is stuck");
});

it("the driver of delivery sends as a client does, and names what is wrong with a message", async () => {
  const driver = await createDeliveryTestDriver();
  const id = await driver.send({ channel: "sms", to: "+14155550100", content: { text: "Hi" } });
  await driver.advance(60_000);
  expect(await driver.lineage(id)).toMatchObject({ tenant: "test", status: "delivered" });
  expect(driver.delivered).toMatchObject([{ content: { text: "Hi" } }]);
  const wrong = driver.send({ channel: "sms", to: "nobody", content: {} });
  await expect(wrong).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringMatching(/to is not .*\n.*content\.text is missing/),
  });
});
