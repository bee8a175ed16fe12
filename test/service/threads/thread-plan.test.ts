import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../service/load-config.js";
import { planThreads } from "../../../service/threads/plan-threads.js";
import { deliveryQueuesOf } from "../../../topology/delivery-queues.js";
import { assignThreads } from "../../../topology/thread-assignment.js";

const queues = deliveryQueuesOf(loadConfig({ environment: {} }));
const named = (most: number, of: Parameters<typeof assignThreads>[0] = queues) => assignThreads(of, most).map(({ name }) => name);

it("urgent queues have a thread of their own, and the others are spread as far as there are threads", () => {
  expect(named(1)).toEqual(["critical+high+normal+bulk+respond+fallback+record"]);
  expect(named(2)).toEqual(["critical", "others"]);
  expect(named(3)).toEqual(["critical", "high+normal+bulk", "respond+fallback+record"]);
  expect(named(4)).toEqual(["critical", "high+normal", "bulk", "respond+fallback+record"]);
  expect(named(7)).toEqual(["critical", "high", "normal", "bulk", "respond", "fallback", "record"]);
  expect(named(16)).toEqual(named(7));
});

it.each([1, 2, 3, 4, 5, 6, 7, 16])("each queue is in one of %i threads, with the others of its lane or sub-topology", (most) => {
  const shares = assignThreads(queues, most);
  expect(shares.flatMap((share) => share.queues).sort()).toEqual(queues.map(({ name }) => name).sort());
  const threadOf = (queue: string) => shares.findIndex((share) => share.queues.includes(queue));
  for (const one of queues)
    for (const other of queues)
      if ((one.lane ?? one.sub) === (other.lane ?? other.sub)) expect(threadOf(one.name)).toBe(threadOf(other.name));
});

it("no more threads start than there are groups of queues", () => {
  expect(named(4, [])).toEqual([]);
  expect(
    named(
      4,
      queues.filter(({ urgent }) => urgent),
    ),
  ).toEqual(["critical"]);
  expect(
    named(
      4,
      queues.filter(({ sub }) => sub === "record"),
    ),
  ).toEqual(["record"]);
  expect(
    named(
      4,
      queues.filter(({ lane, urgent }) => lane !== null && !urgent),
    ),
  ).toEqual(["high", "normal", "bulk"]);
});

it("a lane is what a queue says it is, whatever its name", () => {
  const renamed = queues.map((queue, index) => ({ ...queue, name: `queue-${index}` }));
  expect(named(4, renamed)).toEqual(named(4));
});

it("a lane and a sub-topology of one name are two threads with names of their own", () => {
  const [first, ...rest] = queues.filter(({ lane }) => lane === "bulk");
  const clash = [{ name: "x", sub: "bulk", lane: null, urgent: false }, ...(first ? [first] : []), ...rest];
  expect(named(4, clash)).toEqual(["bulk", "bulk-1"]);
});

const plan = (runtime: object, more: object = {}) => {
  const config = loadConfig({ environment: {}, overrides: { runtime } });
  return planThreads({ config, ...more }).map(({ name }) => name);
};

it("a process has the threads that its configuration asks for, and none besides the main one where that is one", () => {
  expect(plan({ threads: 3 })).toEqual(["critical", "high+normal+bulk", "respond+fallback+record"]);
  expect(plan({ threads: 1 })).toEqual([]);
  expect(plan({ threads: 4, queues: ["dispatch/dispatch.*.critical"] })).toEqual([]);
  expect(plan({ threads: 4, queues: ["none"] })).toEqual([]);
});

it("options that are functions keep everything in the main thread, unless a module makes them for each thread", () => {
  const threads = { threads: 2 };
  const providers = (configured: unknown) => configured;
  expect(plan(threads, { providers })).toEqual([]);
  expect(plan(threads, { providers, threadModule: "file:///providers.js" })).toEqual(["critical", "others"]);
});

describe("where the number is left open", () => {
  const onCluster = (cores: number, patterns = ["*"]) => {
    const servers = { kafka: { brokers: ["kafka:9092"] }, redis: { url: "redis://redis" }, mongo: { url: "mongodb://mongo" } };
    const overrides = { profile: "cluster" as const, ...servers, registry: { url: "http://registry" }, runtime: { queues: patterns } };
    return planThreads({ config: loadConfig({ environment: {}, overrides }) }, cores).map(({ name }) => name);
  };

  it("critical has a thread of its own on a cluster's machine with cores enough", () => {
    expect(onCluster(4)).toEqual(["critical", "others"]);
    expect(onCluster(64)).toEqual(["critical", "others"]);
  });

  it("everything runs in the main thread where there are few cores, or nothing urgent shares the process", () => {
    expect(onCluster(3)).toEqual([]);
    expect(onCluster(64, ["dispatch/dispatch.*.critical"])).toEqual([]);
    expect(onCluster(64, ["dispatch/dispatch.*.bulk", "record/lineage"])).toEqual([]);
    expect(onCluster(64, ["none"])).toEqual([]);
  });

  it("the embedded profile has one thread", () => {
    expect(planThreads({ config: loadConfig({ environment: {} }) }, 64)).toEqual([]);
  });
});
