import type { Topology } from "../engine/builder.js";
import { checkGraphs, familiesOf, topicSpecsOf } from "../engine/graphs.js";
import { registerCodecs } from "../engine/runtime/codecs.js";
import { createTestDriver, type TopologyTestDriver } from "../engine/test-driver.js";
import { CarillonError } from "../schemas/errors.js";
import { createVirtualClock } from "../stores/virtual-clock.js";
import { createMemoryStores } from "./memory-stores.js";

const instance = "test";
const minuteMs = 60_000;
const dayMs = 86_400_000;

const isGraph = (given: unknown): boolean => {
  const { name, families, subTopologies } = (given ?? {}) as { readonly [Key in keyof Topology]?: unknown };
  return typeof name === "string" && Array.isArray(families) && Array.isArray(subTopologies);
};

const checkArguments = (graphs: readonly unknown[]): void => {
  const fix = "give what build() of createTopology(name) returns";
  if (graphs.length === 0) throw new CarillonError("INPUT_INVALID", "there is no graph to run", { field: "graphs", fix });
  const wrong = graphs.findIndex((graph) => !isGraph(graph));
  if (wrong >= 0) throw new CarillonError("INPUT_INVALID", "is not a graph", { field: `graphs[${wrong}]`, fix });
};

/**
 * Your own graphs under the test driver, without delivery. Everything is in memory, on a clock that only the test advances. An error in a
 * stage rejects the call of the driver that fed the record. Rejects INPUT_INVALID for anything that is not a graph.
 */
export const createGraphTestDriver = async (...graphs: readonly Topology[]): Promise<TopologyTestDriver> => {
  checkArguments(graphs);
  checkGraphs(graphs);
  const clock = createVirtualClock();
  const { log, timers, registry } = createMemoryStores(clock);
  const topicOf = (topic: string): string => topic;
  const codecs = await registerCodecs(familiesOf(graphs), registry, topicOf);
  await log.ensureTopics(topicSpecsOf(graphs, topicOf, dayMs));
  return createTestDriver({
    graphs,
    codecs,
    clock,
    log,
    timers,
    topicOf,
    instance,
    origin: { instance },
    stageTimeoutMs: minuteMs,
    requeueTimeoutMs: minuteMs,
    deadLetter: (_record, _stage, error) => Promise.reject(error),
  });
};
