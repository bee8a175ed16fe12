import { describe, expect, it } from "vitest";
import { createTopology } from "../../engine/builder.js";
import { queueSet } from "../../engine/queue.js";
import type { TopicFamily } from "../../engine/topic-family.js";
import type { Provider } from "../../processors/provider.js";
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

/** A driver whose SMS provider answers by `send`. */
const withSms = (send: Provider["send"], config: Parameters<typeof createDeliveryTestDriver>[0] = {}) => {
  const own: Provider = { name: "own", channel: "sms", send, healthCheck: async () => "own", close: async () => undefined };
  return createDeliveryTestDriver(config, { providers: (configured) => ({ ...configured, sms: [own] }) });
};
const sms = { channel: "sms", to: "+14155550100", content: { text: "Hi" } } as const;

describe("a provider that does not answer", () => {
  it.each([
    ["detached from its partition", 2_000],
    ["in its partition", 60_000],
  ])("ends at the send timeout of the virtual clock, %s", async (_, detachAfterMs) => {
    let calls = 0;
    const silent = () => {
      calls += 1;
      return new Promise<never>(() => undefined);
    };
    const driver = await withSms(silent, { delivery: { sendTimeoutMs: 10_000, detachAfterMs } });
    const startMs = driver.clock.now();
    const id = await driver.send({ ...sms, lane: "critical" });
    expect([calls, driver.clock.now() - startMs]).toEqual([1, 0]);
    await driver.advance(9_999);
    const timedOut = async () => (await driver.lineage(id))?.lineage.filter(({ reason }) => reason === "provider_timeout").length ?? 0;
    expect(await timedOut()).toBe(0);
    await driver.advance(1);
    expect(await timedOut()).toBeGreaterThan(0);
    await driver.advance(60_000);
    expect(driver.clock.now() - startMs).toBe(70_000);
  });

  it("does not keep messages of other recipients from being sent", async () => {
    const driver = await withSms(({ to }) =>
      to.endsWith("0100") ? new Promise(() => undefined) : Promise.resolve({ kind: "delivered", providerMessageId: "1" }),
    );
    await driver.send(sms);
    await driver.advance(2_000);
    const other = await driver.send({ ...sms, to: "+14155550101" });
    expect(await driver.lineage(other)).toMatchObject({ status: "delivered" });
  });

  it("aborts the call's signal at the timeout", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const driver = await withSms(async (_, { signal }) => {
      signals.push(signal);
      return new Promise<never>(() => undefined);
    });
    await driver.send(sms);
    expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
    await driver.advance(10_000);
    expect(signals[0]?.aborted).toBe(true);
  });
});

it("waits for real time and real I/O of a provider without a move of the clock", async () => {
  const driver = await withSms(async () => {
    await new Promise((resolve) => setTimeout(resolve, 120));
    return { kind: "delivered", providerMessageId: "1" };
  });
  const startMs = driver.clock.now();
  const id = await driver.send(sms);
  expect(await driver.lineage(id)).toMatchObject({ status: "delivered" });
  expect(driver.clock.now()).toBe(startMs);
});

it("ends a stage that does not end at its timeout, and rejects with its error", async () => {
  const { graph, ticks } = createClockGraph();
  const stage = graph.subTopologies[0]?.stages[0];
  const stuck = { ...stage, process: () => new Promise(() => undefined) };
  const driver = await createGraphTestDriver({
    ...graph,
    subTopologies: graph.subTopologies.map((sub) => ({ ...sub, stages: [stuck as never] })),
  });
  await driver.pipe(ticks, { id: "one" });
  await expect(driver.advance(60_000)).rejects.toMatchObject({ code: "STAGE_TIMEOUT" });
});

describe("arguments that are wrong", () => {
  it.each(["5", Number.NaN, Number.POSITIVE_INFINITY, undefined, -1, null, 5n])("advance refuses %s", async (ms) => {
    const { graph } = createClockGraph();
    const driver = await createGraphTestDriver(graph);
    const now = driver.clock.now();
    await expect(driver.advance(ms as never)).rejects.toMatchObject({ code: "INPUT_INVALID", field: "ms" });
    expect(() => driver.clock.advance(ms as never)).toThrow(/cannot advance by/);
    expect(driver.clock.now()).toBe(now);
  });

  it.each([
    ["nothing", () => undefined, /returned no object/],
    ["no channel", () => ({}), /sms is not a list of providers/],
    ["an empty list", (all: object) => ({ ...all, sms: [] }), /sms has no provider/],
    ["an empty provider", (all: object) => ({ ...all, sms: [{}] }), /sms\[0\] has no name[\s\S]*sms\[0\] has no method send/],
    ["a text", (all: object) => ({ ...all, sms: "own" }), /sms is not a list/],
    ["a list of nothing", (all: object) => ({ ...all, sms: [undefined] }), /sms\[0\] is not a provider/],
  ])("providers that return %s are refused", async (_, providers, problem) => {
    const created = createDeliveryTestDriver({}, { providers: providers as never });
    await expect(created).rejects.toMatchObject({ code: "INPUT_INVALID", field: "providers", message: expect.stringMatching(problem) });
  });

  it.each([[[{}]], [[undefined]], [[]], [["clock"]]])("graphs %j are refused", async (graphs) => {
    await expect(createGraphTestDriver(...(graphs as never[]))).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  it("families are refused that are none, or that no graph has", async () => {
    const { graph } = createClockGraph();
    const driver = await createGraphTestDriver(graph);
    await expect(driver.read("nope" as never)).rejects.toMatchObject({ code: "INPUT_INVALID", field: "family" });
    await expect(driver.read(family("others"))).rejects.toThrow(/has the topic family others/);
    await expect(driver.pipe(undefined as never, {})).rejects.toMatchObject({ code: "INPUT_INVALID", field: "family" });
    await expect(driver.pipe(family("others"), { id: "1" })).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(driver.pipeBytes("nope", null)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("messages are refused that are none", async () => {
    const driver = await createDeliveryTestDriver();
    for (const message of [undefined, null, "hello", []])
      await expect(driver.send(message as never)).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });
});
