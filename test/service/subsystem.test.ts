import { Counter } from "prom-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createTopology, type Topology } from "../../engine/builder.js";
import { writerOf } from "../../engine/outlet.js";
import { queueSet } from "../../engine/queue.js";
import type { TopicFamily } from "../../engine/topic-family.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import type { MessageRequested } from "../../schemas/generated.js";
import { messageRequested } from "../../schemas/records.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { defineSubsystem } from "../../service/subsystem.js";
import { namesOf } from "../../topology/names.js";
import { rolesOf } from "../../topology/roles.js";
import { eventually } from "../support/eventually.js";
import { emailTo, requestOf } from "../support/requests.js";
import { scratchFolder } from "../support/scratch.js";

const calls: TopicFamily<MessageRequested> = {
  name: "calls",
  record: messageRequested,
  members: [{ name: "calls", partitions: 2 }],
  select: () => "calls",
};
const ring = queueSet("ring", calls, () => ({ roles: { small: "bells" } }));

/** Everything that a subsystem can have, in one value. */
const createBells = () => {
  const heard: string[] = [];
  const ended: string[] = [];
  const graphs: Topology[] = [];
  const bells = defineSubsystem({
    name: "bells",
    settings: z.strictObject({ loudness: z.number().int().default(3), most: z.number().int().default(9) }).prefault({}),
    problemsOf: ({ loudness, most }) =>
      loudness > most ? [`bells.loudness: is ${loudness}, more than bells.most: give at most ${most}`] : [],
    roles: { small: [{ name: "bells", does: "rings" }] },
    queuesOf: () => ring.queues,
    metricsIn: (registry) => ({
      rung: new Counter({ name: "bells_rung_total", help: "calls that rang", labelNames: ["by"], registers: [registry] }),
    }),
    graphOf: ({ loudness }, { rung }) => {
      const topology = createTopology("bells");
      topology.topics(calls);
      topology.source("caller", calls);
      topology.subTopology(ring).into({
        name: "bell",
        write: async (batch) => {
          for (const { value } of batch) heard.push(`${value.id} at ${loudness}`);
          rung.inc({ by: "call" }, batch.length);
        },
      });
      const graph = topology.build();
      graphs.push(graph);
      return graph;
    },
    jobsOf: (_settings, { rung }) => [{ name: "ring-hourly", pattern: "* * * * * *", run: async () => rung.inc({ by: "clock" }) }],
    routesOf:
      ({ loudness }) =>
      (app) => {
        app.get("/v1/bells", { config: { access: "operator" } }, async () => ({ loudness, heard }));
        return () => void ended.push("routes");
      },
    stop: async () => void ended.push("bells"),
  });
  return { bells, heard, ended, graphs };
};

describe("a subsystem alongside delivery", () => {
  let scratch: ReturnType<typeof scratchFolder>;
  const started: Carillon[] = [];
  beforeEach(() => {
    scratch = scratchFolder();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((carillon) => carillon.stop()));
    scratch.remove();
  });

  it("runs its graph, job and route, counts by its metric, and stops, by its manifest alone", async () => {
    const { bells, heard, ended, graphs } = createBells();
    const overrides = { dataDir: scratch.path, http: { port: 0 }, bells: { loudness: 5 } };
    const config = loadConfig({ environment: {}, overrides }, [bells]);
    const carillon = await startCarillon({ config, logger: createLogger("error", "test"), subsystems: [bells] });
    started.push(carillon);
    const { stores, assembly, url } = carillon;
    const call = requestOf(emailTo("caller"), Date.now(), { id: "call-1" });
    const [graph] = graphs;
    if (!graph) throw new Error("the graph of the bells was not built");
    const caller = writerOf(graph, "caller", { codecs: assembly.codecs, topicOf: namesOf(config).topicOf, log: stores.log });
    await caller.to(calls).append([call]);
    await eventually(
      () => heard.join(),
      (all) => all === "call-1 at 5",
    );
    expect(await (await fetch(`${url}/v1/bells`)).json()).toEqual({ loudness: 5, heard: ["call-1 at 5"] });
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    await eventually(metrics, (text) => /bells_rung_total\{by="call"\} 1/.test(text) && /bells_rung_total\{by="clock"\} [1-9]/.test(text));
    // delivery continues normally
    const body = JSON.stringify({ channel: "sms", to: "+14155550100", content: { text: "Hi" } });
    const posted = await fetch(`${url}/v1/messages`, { method: "POST", headers: { "content-type": "application/json" }, body });
    const { id } = (await posted.json()) as { id: string };
    await eventually(
      () => stores.lineage.find(id),
      (document) => document?.status === "delivered",
    );
    await carillon.stop();
    expect(ended).toEqual(["routes", "bells"]);
  }, 30_000);

  it("has keys, checks and queues of its own in the configuration", () => {
    const { bells } = createBells();
    const load = (overrides: object) => () => loadConfig({ environment: {}, overrides: { ...overrides } }, [bells]);
    expect(load({ runtime: { queues: ["ring/*"] } })()).toMatchObject({ bells: { loudness: 3 } });
    expect(load({ bells: { loudness: 12 } })).toThrow("bells.loudness: is 12, more than bells.most: give at most 9");
    expect(load({ bells: { volume: 1 } })).toThrow("bells.volume");
    expect(load({ runtime: { queues: ["sing/*"] } })).toThrow('no queue matches "sing/*"');
    expect(() => loadConfig({ environment: {}, overrides: { runtime: { queues: ["ring/*"] } } })).toThrow('no queue matches "ring/*"');
  });

  it("has processes of its own, by the roles that its queues name", () => {
    const { bells } = createBells();
    expect(rolesOf("small", ring.queues, bells.roles)).toEqual([{ name: "bells", run: ["ring/calls"], does: "rings" }]);
  });

  it("is refused where its keys are another's", () => {
    const bells = defineSubsystem({
      name: "lanes",
      settings: z.strictObject({}).prefault({}),
      queuesOf: () => [],
      metricsIn: () => undefined,
      graphOf: () => createTopology("lanes").build(),
    });
    expect(() => loadConfig({ environment: {} }, [bells])).toThrow("lanes: two subsystems have a key of this name");
  });
});
