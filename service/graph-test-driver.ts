import type { Topology } from "../engine/builder.js";
import { familiesOf, topicSpecsOf } from "../engine/graphs.js";
import { registerCodecs } from "../engine/runtime/codecs.js";
import { createTestDriver, type TopologyTestDriver } from "../engine/test-driver.js";
import { createVirtualClock } from "../stores/virtual-clock.js";
import { createMemoryStores } from "./memory-stores.js";

const instance = "test";
const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * Your own graphs under the test driver, without delivery. Everything is in memory, on a clock that only the test advances. An error in a
 * stage rejects the call of the driver that fed the record.
 */
export const createGraphTestDriver = async (...graphs: readonly Topology[]): Promise<TopologyTestDriver> => {
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
    handBackMs: minuteMs,
    deadLetter: (_record, _stage, error) => Promise.reject(error),
  });
};
