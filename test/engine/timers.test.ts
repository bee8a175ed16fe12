import { expect, it } from "vitest";
import { createTopology } from "../../engine/builder.js";
import { describeAsMermaid, describeTopology } from "../../engine/describe.js";
import { queueSet } from "../../engine/queue.js";
import type { TopicFamily } from "../../engine/topic-family.js";
import type { MessageRequested } from "../../schemas/generated.js";
import { messageRequested } from "../../schemas/records.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo, requestOf } from "../support/requests.js";

const family = (name: string): TopicFamily<MessageRequested> => ({
  name,
  record: messageRequested,
  members: [{ name, partitions: 1 }],
  select: () => name,
});

/** A graph whose only stage makes each call ring a minute later. */
const createAlarm = (rung: string[], timers: readonly "rings"[]) => {
  const topology = createTopology("alarm");
  const calls = topology.topics(family("calls"));
  const rings = topology.topics(family("rings"));
  topology.source("caller", calls);
  topology
    .subTopology(queueSet("wait", calls))
    .through<void, { rings: MessageRequested }>({
      name: "wait",
      ports: ["rings"],
      timers,
      process: (call, { schedule, now }) => schedule("rings", call, { id: `ring:${call.id}`, dueAtMs: now() + 60_000 }),
    })
    .to({ rings });
  topology.subTopology(queueSet("ring", rings)).into({
    name: "bell",
    write: async (batch) => void rung.push(...batch.map(({ value }) => value.id)),
  });
  return { graph: topology.build(), calls };
};

it("a record leaves later by a port whose timers the stage declares, and the picture shows it", async () => {
  const rung: string[] = [];
  const { graph, calls } = createAlarm(rung, ["rings"]);
  const driver = await createDeliveryTestDriver({}, { graphs: [graph] });
  await driver.pipe(calls, requestOf(emailTo("caller"), driver.clock.now(), { id: "call-1" }));
  await driver.advance(59_000);
  expect(rung).toEqual([]);
  await driver.advance(1_000);
  expect(rung).toEqual(["call-1"]);
  expect(describeAsMermaid(describeTopology(graph))).toContain("sub_wait -->|timers too| topic_rings");
});

it("a timer by any other port is a mistake, told in a dead letter", async () => {
  const { graph, calls } = createAlarm([], []);
  const driver = await createDeliveryTestDriver({}, { graphs: [graph] });
  await driver.pipe(calls, requestOf(emailTo("caller"), driver.clock.now(), { id: "call-2" }));
  expect(await driver.read(driver.assembly.families.deadLetters)).toMatchObject([
    { stage: "wait", errorCode: "TOPOLOGY_INVALID", errorMessage: "stage wait declares no timers for its port rings" },
  ]);
  expect(await driver.stores.timers.pending()).toBe(0);
});
