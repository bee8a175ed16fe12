import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createTopology } from "../../engine/builder.js";
import { describeAsMermaid, describeAsText, describeTopology } from "../../engine/describe.js";
import { queueSet } from "../../engine/queue.js";
import type { BatchSink, Stage } from "../../engine/stage.js";
import type { TopicFamily } from "../../engine/topic-family.js";
import type { DispatchCommand, LineageEvent, MessageRequested } from "../../schemas/generated.js";
import { dispatchCommand, lineageEvent, messageRequested } from "../../schemas/records.js";
import { assemble } from "../../service/assemble.js";
import { loadConfig } from "../../service/load-config.js";
import { createMemoryStores } from "../../service/memory-stores.js";
import { systemClock } from "../../stores/clock.js";

const family = <T>(name: string, record: TopicFamily<T>["record"], more: object = {}): TopicFamily<T> => ({
  name,
  record,
  members: [{ name, partitions: 1, ...more }],
  select: () => name,
});
const requests = family<MessageRequested>("requests", messageRequested);
const dispatch = family<DispatchCommand>("dispatch", dispatchCommand);
const lineage = family<LineageEvent>("lineage", lineageEvent);
const stage = <In, Out, Emits extends object>(name: string, ports: readonly (keyof Emits & string)[]): Stage<In, Out, Emits> => ({
  name,
  ports,
  process: () => undefined,
});

describe("the topology builder", () => {
  it("tells every problem at once, before any I/O", () => {
    const topology = createTopology("broken");
    topology.topics(requests);
    const crowded = topology.topics(family("crowded", dispatchCommand));
    topology.subTopology(queueSet("crowd", crowded, () => ({ consumers: 3 }))).into({ name: "sink", write: async () => undefined });
    topology.topics(family("unread", dispatchCommand));
    topology.topics(family("empty", dispatchCommand, { partitions: 0 }));
    topology
      .subTopology(queueSet("intake", requests))
      .through(stage<MessageRequested, void, { lineage: LineageEvent }>("validate", ["lineage"]))
      .to({ lineage });
    topology.subTopology(queueSet("intake", requests)).into({ name: "sink", write: async () => undefined });
    expect(() => topology.build()).toThrowError(/the topology has \d+ problems/);
    try {
      topology.build();
    } catch (error) {
      const { message } = error as Error;
      for (const part of [
        "topic requests: it has no writer",
        "queue crowd/crowded: 3 consumers, but its partitions allow at most 1",
        "topic empty: 0 partitions",
        "topic unread: it has no reader",
        "sub-topology intake: declared twice",
        "stage validate: lineage is not part of this topology",
      ]) {
        expect(message).toContain(part);
      }
    }
  });

  it("does not compile when a stage is wired to a topic of another type", () => {
    const topology = createTopology("typed");
    const emits = stage<MessageRequested, void, { out: DispatchCommand }>("a", ["out"]);
    topology.subTopology(queueSet("right", requests)).through(emits).to({ out: dispatch });
    // @ts-expect-error lineage does not carry DispatchCommand
    topology.subTopology(queueSet("wrong topic", requests)).through(emits).to({ out: lineage });
    // @ts-expect-error the port out is not wired
    topology.subTopology(queueSet("no wire", requests)).through(emits).to({});
    // @ts-expect-error the stage takes MessageRequested, not LineageEvent
    topology.subTopology(queueSet("wrong input", lineage)).through(emits);
    const yields = stage<MessageRequested, DispatchCommand, object>("b", []);
    const takes = stage<LineageEvent, void, object>("c", []);
    // @ts-expect-error b's output type is not c's input type
    topology.subTopology(queueSet("wrong next", requests)).through(yields).through(takes);
    // @ts-expect-error b yields a value that goes nowhere
    topology.subTopology(queueSet("no end", requests)).through(yields).to({});
    const sink: BatchSink<DispatchCommand> = { name: "sink", write: async () => undefined };
    // @ts-expect-error a sink of another record
    topology.subTopology(queueSet("wrong sink", requests)).into(sink);
    expect(topology).toBeDefined();
  });
});

describe("the delivery topology, described", async () => {
  const config = loadConfig({ environment: {} });
  const { graphs } = await assemble(config, createMemoryStores(systemClock), systemClock);
  const [delivery] = graphs;
  if (!delivery) throw new Error("there is no graph");
  const description = describeTopology(delivery);

  it.each([
    ["text", () => describeAsText(description), "delivery.txt"],
    ["Mermaid", () => describeAsMermaid(description), "delivery.mermaid"],
    ["JSON", () => `${JSON.stringify(description, null, 2)}\n`, "delivery.json"],
  ])("is as kept, as %s", async (_format, describe, file) => {
    await expect(describe()).toMatchFileSnapshot(`golden/${file}`);
  });

  it("is the README's diagram (npm run generate)", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    expect(readme).toContain(describeAsMermaid(description).trimEnd());
  });
});
