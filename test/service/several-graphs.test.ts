import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTopology } from "../../engine/builder.js";
import { checkGraphs, queuesOf } from "../../engine/graphs.js";
import { queueSet } from "../../engine/queue.js";
import { outgoingOf } from "../../engine/runtime/outgoing.js";
import type { TopicFamily } from "../../engine/topic-family.js";
import { measureLag } from "../../operations/lag/lag.js";
import { readConsumers } from "../../operations/load/consumer-watch.js";
import { findUnconsumed } from "../../operations/load/unconsumed-queues.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import type { MessageRequested } from "../../schemas/generated.js";
import { messageRequested } from "../../schemas/records.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { loadConfig } from "../../service/load-config.js";
import { namesOf } from "../../topology/names.js";
import { eventually } from "../support/eventually.js";
import { emailTo, requestOf } from "../support/requests.js";
import { scratchFolder } from "../support/scratch.js";

const family = (name: string): TopicFamily<MessageRequested> => ({
  name,
  record: messageRequested,
  members: [{ name, partitions: 2 }],
  select: () => name,
});

/** Receives calls and passes them to a sink. */
const createCallGraph = (heard: string[], names: { readonly graph?: string; readonly calls?: string } = {}) => {
  const { graph = "calls", calls: callsName = "calls" } = names;
  const topology = createTopology(graph);
  const calls = topology.topics(family(callsName));
  const rings = topology.topics(family("rings"));
  topology.source("caller", calls);
  topology
    .subTopology(queueSet("answer", calls, () => ({ consumers: 2 })))
    .through<void, { rings: MessageRequested }>({
      name: "pick-up",
      ports: ["rings"],
      process: (call, { emit }) => emit("rings", call),
    })
    .to({ rings });
  topology.subTopology(queueSet("ring", rings)).into({
    name: "bell",
    write: async (batch) => void heard.push(...batch.map(({ value }) => value.id)),
  });
  return { graph: topology.build(), calls, rings };
};

describe("several graphs in one process", () => {
  let scratch: ReturnType<typeof scratchFolder>;
  const started: Carillon[] = [];
  beforeEach(() => {
    scratch = scratchFolder();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((carillon) => carillon.stop()));
    scratch.remove();
  });

  const start = async (heard: string[], only: readonly string[] = []) => {
    const { graph, calls } = createCallGraph(heard);
    const overrides = { dataDir: scratch.path, http: { port: 0 }, runtime: { queues: [...only] } };
    const config = loadConfig({ environment: {}, overrides, graphs: [graph] });
    const carillon = await startCarillon({ config, logger: createLogger("error", "test"), graphs: [graph] });
    started.push(carillon);
    const { assembly, stores } = carillon;
    const call = (id: string): Promise<void> =>
      stores.log.append([outgoingOf(calls, requestOf(emailTo("caller"), Date.now(), { id }), assembly.codecs, namesOf(config).topicOf)]);
    return { ...carillon, config, call };
  };
  const send = async (url: string | undefined): Promise<string> => {
    const body = JSON.stringify({ channel: "sms", to: "+14155550100", content: { text: "Hi" } });
    const response = await fetch(`${url}/v1/messages`, { method: "POST", headers: { "content-type": "application/json" }, body });
    return ((await response.json()) as { id: string }).id;
  };

  it("both work on the embedded stores, are measured and shown, and stop cleanly", async () => {
    const heard: string[] = [];
    const { call, config, url, stores, assembly, stop } = await start(heard);
    await call("call-1");
    const id = await send(url);
    await eventually(
      () => heard.join(),
      (ids) => ids === "call-1",
    );
    await eventually(
      () => stores.lineage.find(id),
      (document) => document?.status === "delivered",
    );
    const lags = await measureLag(assembly.graphs, config, stores.log);
    expect(lags.map(({ queue }) => queue.name)).toEqual(expect.arrayContaining(["record/lineage", "answer/calls", "ring/rings"]));
    expect(lags.find(({ queue }) => queue.name === "answer/calls")?.group).toBe("carillon.answer.calls");
    expect((await readConsumers(stores.cells)).get("answer/calls")).toBe(2);
    const about = (await (await fetch(`${url}/console/api/about`)).json()) as { topologies: { name: string }[] };
    expect(about.topologies.map(({ name }) => name)).toEqual(["delivery", "calls"]);
    await stop();
    await expect(stores.log.append([])).rejects.toThrow();
  }, 30_000);

  it("runtime.queues chooses among the queues of all graphs", async () => {
    const heard: string[] = [];
    const { call, stores, assembly } = await start(heard, ["*/requests.*", "*/dispatch.*"]);
    await call("call-2");
    expect((await readConsumers(stores.cells)).has("answer/calls")).toBe(false);
    await expect(findUnconsumed(queuesOf(assembly.graphs), stores.cells)).rejects.toThrow(/record\/lineage, answer\/calls, ring\/rings$/);
    expect(heard).toEqual([]);
  }, 30_000);

  it("runtime.queues may name the queues of the second graph alone", async () => {
    const heard: string[] = [];
    const { call, stores } = await start(heard, ["answer/*", "ring/*"]);
    await call("call-4");
    await eventually(
      () => heard.join(),
      (ids) => ids === "call-4",
    );
    expect([...(await readConsumers(stores.cells)).keys()].sort()).toEqual(["answer/calls", "ring/rings"]);
    expect(() => loadConfig({ environment: {}, overrides: { runtime: { queues: ["answer/*"] } } })).toThrow('no queue matches "answer/*"');
  }, 30_000);

  it("stop within runtime.drainMs of a sink that never answers, and write its batch again after the next start", async () => {
    const topology = createTopology("stuck");
    const input = topology.topics(family("stuck"));
    topology.source("caller", input);
    const seen: string[] = [];
    topology.subTopology(queueSet("stuck", input)).into({
      name: "wall",
      write: async (batch) => {
        seen.push(...batch.map(({ value }) => value.id));
        if (seen.length === 1) await new Promise(() => undefined);
      },
    });
    const graphs = [topology.build()];
    const overrides = { dataDir: scratch.path, http: { enabled: false }, runtime: { drainMs: 300 } };
    const config = loadConfig({ environment: {}, overrides, graphs });
    const begin = () => startCarillon({ config, logger: createLogger("error", "test"), graphs });
    const first = await begin();
    const request = requestOf(emailTo("caller"), Date.now(), { id: "call-5" });
    await first.stores.log.append([outgoingOf(input, request, first.assembly.codecs, namesOf(config).topicOf)]);
    await eventually(
      () => seen.length,
      (count) => count === 1,
    );
    const stopMs = Date.now();
    await first.stop();
    expect(Date.now() - stopMs).toBeLessThan(10_000);
    started.push(await begin());
    await eventually(
      () => seen,
      (ids) => ids.join() === "call-5,call-5",
    );
  }, 30_000);

  it("both work under the test driver, in memory", async () => {
    const heard: string[] = [];
    const { graph, calls } = createCallGraph(heard);
    const driver = await createDeliveryTestDriver({}, { graphs: [graph] });
    await driver.pipe(calls, requestOf(emailTo("caller"), driver.clock.now(), { id: "call-3" }));
    const request = requestOf(emailTo("success"), driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, request);
    await driver.advance(60_000);
    expect(heard).toEqual(["call-3"]);
    expect((await driver.lineage(request.id))?.final).toBe(true);
  });
});

describe("graphs that do not fit into one process", () => {
  it("are refused, with every name that they both declare", () => {
    const one = createCallGraph([]).graph;
    const other = createCallGraph([], { graph: "other" }).graph;
    const refused = () => checkGraphs([one, other]);
    expect(refused).toThrow("queue answer/calls: graphs calls and other both declare it");
    expect(refused).toThrow("topic rings: graphs calls and other both declare it");
    expect(refused).toThrow(expect.objectContaining({ code: "TOPOLOGY_INVALID" }));
  });

  it("may share a topic by its family, with queues of their own", () => {
    const { graph, rings } = createCallGraph([]);
    const topology = createTopology("echo");
    topology.topics(rings);
    topology.source("bell tower", rings);
    topology.subTopology(queueSet("echo", rings)).into({ name: "valley", write: async () => undefined });
    expect(() => checkGraphs([graph, topology.build()])).not.toThrow();
  });

  it.each([
    ["a graph's name", { graph: "calls" }, "graph calls: graphs calls and calls both declare it"],
    ["a sub-topology's name", { graph: "b", sub: "answer" }, "sub-topology answer: graphs calls and b both declare it"],
    ["a stage's name", { graph: "b", stage: "bell" }, "stage bell: graphs calls and b both declare it"],
    ["a sub-topology with a dot", { graph: "b", sub: "an.swer" }, 'sub-topology "an.swer": use only letters, digits, _ and -'],
    ["a topic that Kafka refuses", { graph: "b", topic: "a b/ü" }, 'topic "a b/ü": use only letters, digits, ., _ and -, at most 150'],
  ])("are refused for %s", (_what, { graph, sub = "b", stage = "b", topic = "b" }: Record<string, string>, problem) => {
    const topology = createTopology(graph ?? "");
    const input = topology.topics(family(topic));
    topology.source("caller", input);
    topology.subTopology(queueSet(sub, input)).into({ name: stage, write: async () => undefined });
    expect(() => checkGraphs([createCallGraph([]).graph, topology.build()])).toThrow(problem);
  });

  it("keep Carillon from starting", async () => {
    const clash = createCallGraph([], { calls: "feedback" }).graph;
    await expect(createDeliveryTestDriver({}, { graphs: [clash] })).rejects.toThrow(
      "topic feedback: graphs delivery and calls both declare it",
    );
  });
});
